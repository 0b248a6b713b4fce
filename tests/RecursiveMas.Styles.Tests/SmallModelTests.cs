using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests;

/// <summary>Models whose steps keep to one thread: several of them step at the same time.</summary>
[Collection(LiveTensors.Collection)]
public sealed class SmallModelTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);
    private static readonly Dictionary<string, LatentBlock> s_noBlocks = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Small_jobs_keep_to_one_thread_and_leave_the_others_theirs()
    {
        int threads = get_num_threads();
        Assert.Equal(1, await DeviceWorker.ForSmallJobs(CPU).RunAsync(get_num_threads, Token));
        Assert.Equal(threads, await DeviceWorker.For(CPU).RunAsync(get_num_threads, Token));
        Assert.Equal(threads, get_num_threads());
    }

    [Fact]
    public async Task Two_models_step_side_by_side()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "one processor");
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, cancellationToken: Token);
        await using ILatentSession held = await ReadAsync(mas, "planner"), free = await ReadAsync(mas, "critic");
        using ManualResetEventSlim inStep = new(), goOn = new();
        Task<Thought> holding = held.ThinkAsync(2, _ => Hold(inStep, goOn), Token);
        Assert.True(inStep.Wait(s_long, Token));
        using (Thought thought = await free.ThinkAsync(3, null, Token).WaitAsync(s_long, Token))
            Assert.Equal(3, thought.States.Steps);
        Assert.False(holding.IsCompleted);
        goOn.Set();
        (await holding).Dispose();
    }

    [Fact]
    public async Task Disposal_waits_for_the_step_that_runs()
    {
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, cancellationToken: Token);
        StepScheduler steps = ((LatentAgent)mas.Agents["planner"]).Steps;
        await using ILatentSession session = await ReadAsync(mas, "planner");
        using ManualResetEventSlim inStep = new(), goOn = new();
        Task<Thought> thinking = session.ThinkAsync(50, _ => Hold(inStep, goOn), Token);
        Assert.True(inStep.Wait(s_long, Token));
        long taken = steps.Steps;
        Task disposal = Task.Run(steps.Dispose, Token);
        await Assert.ThrowsAsync<TimeoutException>(() => disposal.WaitAsync(TimeSpan.FromMilliseconds(200), Token));
        goOn.Set();
        await disposal.WaitAsync(s_long, Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => thinking);
        Assert.InRange(steps.Steps, taken, taken + 1);
    }

    private static void Hold(ManualResetEventSlim inStep, ManualResetEventSlim goOn)
    {
        inStep.Set();
        Assert.True(goOn.Wait(s_long));
    }

    private static async Task<ILatentSession> ReadAsync(MasSystem mas, string agent)
    {
        var session = (ILatentSession)await mas.Agents[agent].OpenAsync(cancellationToken: Token);
        await session.ReadAsync(new AgentPrompt(null, [PromptPart.Text("How many beads are left?")]), s_noBlocks, Token);
        return session;
    }
}
