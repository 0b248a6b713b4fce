using RecursiveMas.Core.Tests.Tools;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>Further answers from the same thoughts.</summary>
public sealed class AlternativesTests
{
    private static readonly ToolOptions s_echo = new() { Tools = [ToolConversation.Echo] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_prompt_is_read_once_and_each_answer_has_its_seed_and_its_own_costs()
    {
        ScriptedAgent agent = ToolConversation.Writer("the answer");
        MasAnswer answer = await ToolConversation.Engine(agent).RunAsync(Request(null), cancellationToken: Token);
        Assert.Equal((1, 3), (agent.PromptsRead, agent.Written.Count));
        Assert.Equal([5L, 8, 9], agent.Written.Select(options => options.Seed ?? 0).Order());
        Assert.Single(agent.Written.Select(options => options.Key).Distinct());
        Assert.Equal([8L, 9], answer.Alternatives.Select(other => other.Seed));
        Assert.All(answer.Alternatives, other => Assert.Equal(("the answer", FinishReason.EndOfSequence, 5), (other.Text, other.Finish, other.TokenIds.Count)));
        // The prompt belongs to the answer, each text to itself.
        Assert.Equal(("prompt:".Length, 5), (answer.Usage.PromptTokens, answer.Usage.GeneratedTokens));
        Assert.All(answer.Alternatives, other => Assert.Equal((0, 5), (other.Usage.PromptTokens, other.Usage.GeneratedTokens)));
        Assert.Equal(0, agent.OpenSessions);
        Assert.Empty((await ToolConversation.Engine(agent).RunAsync(Request(null) with { AlternativeSeeds = [] }, cancellationToken: Token)).Alternatives);
        Assert.Throws<ArgumentNullException>(() => Request(null) with { AlternativeSeeds = null! });
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 6)]
    public async Task Each_answer_calls_tools_of_its_own(bool asReference, int promptsRead)
    {
        ScriptedAgent agent = ToolConversation.Writer("<echo>six</echo> it is.");
        RunRequest request = Request(s_echo) with { ReferenceTools = asReference };
        MasAnswer answer = await ToolConversation.Engine(agent).RunAsync(request, cancellationToken: Token);
        Assert.Equal(promptsRead, agent.PromptsRead);
        Assert.Single(answer.Tools!.Calls);
        Assert.All(answer.Alternatives, other => Assert.Single(other.Tools!.Calls));
        Assert.All(answer.Alternatives, other => Assert.Equal(answer.Text, other.Text));
        Assert.Equal(0, agent.OpenSessions);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(9)]
    public async Task One_that_fails_fails_the_question_and_the_others_end(int seed)
    {
        int started = 0;
        var agent = new ScriptedAgent("writer", _ => Interlocked.Increment(ref started) == seed % 4 ? throw new GraphException("broken") : Endless());
        await Assert.ThrowsAsync<GraphException>(() => ToolConversation.Engine(agent).RunAsync(
            Request(null) with { MaxNewTokens = 2000 }, cancellationToken: Token).WaitAsync(TimeSpan.FromMinutes(1), Token));
        Assert.Equal(0, agent.OpenSessions);
    }

    [Fact]
    public async Task A_cancelled_question_leaves_no_session()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int tokens = 0;
        var agent = new ScriptedAgent("writer", _ => Endless())
        {
            BeforeToken = _ =>
            {
                if (Interlocked.Increment(ref tokens) == 30)
                    stop.Cancel();
                return Task.CompletedTask;
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => ToolConversation.Engine(agent).RunAsync(Request(null) with { MaxNewTokens = 1_000_000 }, cancellationToken: stop.Token));
        Assert.Equal(0, agent.OpenSessions);
    }

    private static IEnumerable<string> Endless()
    {
        while (true)
            yield return "word ";
    }

    private static RunRequest Request(ToolOptions? tools) => ToolConversation.Request(s_echo) with { Tools = tools, Seed = 5, AlternativeSeeds = [8, 9] };
}
