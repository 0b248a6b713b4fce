using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Logits processors run on the thread that computes: what would wait for that thread is refused there, and not waited for.</summary>
[Collection(LiveTensors.Collection)]
public sealed class ReentryTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Calls => ["ask", "ask many", "stream", "dispose", "dispose another", "session"];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_processor_cannot_wait_for_its_own_thread(string call)
    {
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, cancellationToken: Token);
        await using MasSystem other = await MasSystem.LoadAsync("mixture_tiny", cancellationToken: Token);
        var processor = new Calling(() => Call(call, mas, other));
        var options = new AskOptions { Sampling = new SamplingOptions { LogitsProcessors = [processor] } };
        SamplingException error = await Assert.ThrowsAsync<SamplingException>(
            () => mas.AskAsync(new MasQuestion(SystemFixture.Question), options, Token).WaitAsync(s_long, Token));
        Assert.IsType<ReentrantCallException>(error.InnerException);
        Assert.Contains("would wait for itself", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("\\boxed{13}", (await mas.AskAsync(SystemFixture.Question, Token).WaitAsync(s_long, Token)).Text, StringComparison.Ordinal);
    }

    private static void Call(string call, MasSystem mas, MasSystem other)
    {
        switch (call)
        {
            case "ask":
                other.AskAsync("Who is Ben's boss?", CancellationToken.None).GetAwaiter().GetResult();
                break;
            case "ask many":
                _ = other.AskManyAsync(["Who is Ben's boss?"], cancellationToken: CancellationToken.None).ToBlockingEnumerable(CancellationToken.None).Count();
                break;
            case "stream":
                _ = mas.AskStreamingAsync(SystemFixture.Question, CancellationToken.None).ToBlockingEnumerable(CancellationToken.None).Count();
                break;
            case "dispose":
                mas.Dispose();
                break;
            case "dispose another":
                other.Dispose();
                break;
            default:
                IAgentSession session = mas.Agents["critic"].OpenAsync(cancellationToken: CancellationToken.None).AsTask().GetAwaiter().GetResult();
                session.ReadAsync(new AgentPrompt(null, [PromptPart.Text("One?")]), CancellationToken.None).GetAwaiter().GetResult();
                break;
        }
    }

    private sealed class Calling(Action call) : ILogitsProcessor
    {
        public void Process(LogitsContext context, Span<float> logits) => call();
    }
}
