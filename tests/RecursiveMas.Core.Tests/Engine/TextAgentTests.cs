using Xunit;

namespace RecursiveMas.Core.Tests.Engine;

/// <summary>Agents that are functions from text to text.</summary>
public class TextAgentTests
{
    private static readonly AgentPrompt s_prompt = new("Be brief.", [PromptPart.Text("Say "), PromptPart.Given("hello.")]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_read_is_what_the_function_is_asked()
    {
        var asked = new List<TextRequest>();
        var agent = new TextAgent("writer", (request, _) =>
        {
            asked.Add(request);
            return Task.FromResult(asked.Count == 1 ? "Hello" : "!");
        });
        await using IAgentSession session = await agent.OpenAsync(cancellationToken: Token);
        await Assert.ThrowsAsync<PromptException>(() => WriteAsync(session));
        await session.ReadAsync(s_prompt, Token);
        Assert.Equal("Hello", (await WriteAsync(session)).Text);
        await session.AppendAsync([PromptPart.Given(", you")], Token);
        await using IAgentSession fork = session.Fork();
        Assert.Equal("!", (await WriteAsync(session)).Text);
        await WriteAsync(fork);
        await session.ReadAsync(s_prompt, Token);
        await WriteAsync(session);
        Assert.Equal(["", "Hello, you", "Hello, you", ""], asked.Select(request => request.Written));
        Assert.All(asked, request => Assert.Equal(("Be brief.", "Say hello."), (request.Prompt.System, request.Prompt.UserText)));
    }

    [Fact]
    public async Task A_function_that_returns_no_text_is_named()
    {
        await using IAgentSession session = await new TextAgent("writer", (_, _) => Task.FromResult<string>(null!)).OpenAsync(cancellationToken: Token);
        await session.ReadAsync(s_prompt, Token);
        Assert.Contains("'writer' wrote null", (await Assert.ThrowsAsync<GraphException>(() => WriteAsync(session))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("STOP", "one two ", FinishReason.StopSequence)]
    [InlineData("three", "one two STOP ", FinishReason.StopSequence)]
    [InlineData("four", "one two STOP three", FinishReason.EndOfSequence)]
    public async Task A_stop_sequence_ends_the_text_wherever_its_pieces_break(string stop, string expected, FinishReason finish)
    {
        int taken = 0;
        var agent = new TextAgent("writer", (_, _) => Pieces());
        await using IAgentSession session = await agent.OpenAsync(cancellationToken: Token);
        await session.ReadAsync(s_prompt, Token);
        string streamed = "";
        WrittenText? whole = null;
        await foreach (WriteUpdate update in session.WriteAsync(new WriteOptions { MaxNewTokens = 99, StopSequences = [stop] }, Token))
        {
            streamed += update.Text;
            whole = update.Completed ?? whole;
        }

        Assert.Equal((expected, expected, finish), (streamed, whole!.Text, whole.Finish));
        Assert.Equal(finish == FinishReason.StopSequence ? stop : null, whole.StopSequence);
        Assert.True(taken < 5 || stop != "STOP");

        async IAsyncEnumerable<string> Pieces()
        {
            foreach (string piece in new[] { "one", " two S", "TO", "P thr", "ee" })
            {
                taken++;
                await Task.Yield();
                yield return piece;
            }
        }
    }

    [Fact]
    public async Task Slots_are_refused_and_a_cancellation_is_heard()
    {
        using var stop = new CancellationTokenSource();
        var agent = new TextAgent("writer", async (_, token) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return "";
        });
        await using IAgentSession session = await agent.OpenAsync(cancellationToken: Token);
        Assert.Contains(
            "'plan'",
            (await Assert.ThrowsAsync<PromptException>(() => session.ReadAsync(new AgentPrompt(null, [PromptPart.Slot("plan")]), Token))).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<PromptException>(() => session.AppendAsync([PromptPart.Slot("plan")], Token));
        await session.ReadAsync(s_prompt, Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (WriteUpdate _ in session.WriteAsync(new WriteOptions { MaxNewTokens = 1 }, stop.Token))
            {
            }
        });
    }

    private static async Task<WrittenText> WriteAsync(IAgentSession session)
    {
        WrittenText? whole = null;
        await foreach (WriteUpdate update in session.WriteAsync(new WriteOptions { MaxNewTokens = 9 }, Token))
            whole = update.Completed ?? whole;
        return whole!;
    }
}
