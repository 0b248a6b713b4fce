using RecursiveMas.Runs;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests;

/// <summary>Sessions of a real model: reading over, appending, forking, stopping, and the steps that they share.</summary>
[Collection(LiveTensors.Collection)]
public sealed class SessionTests : IAsyncLifetime
{
    private static readonly Dictionary<string, LatentBlock> s_noBlocks = [];

    private MasSystem? _mas;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IReadOnlyDictionary<string, IAgent> Agents => _mas!.Agents;

    public async ValueTask InitializeAsync() => _mas = await MasSystem.LoadAsync(
        SystemFixture.Name, new MasOptions { Device = TestDevice.Name }, cancellationToken: Token);

    public ValueTask DisposeAsync() => _mas!.DisposeAsync();

    [Theory]
    [InlineData("planner")]
    [InlineData("critic")]
    [InlineData("solver")]
    public async Task An_edited_prompt_is_read_from_where_it_differs(string name)
    {
        AgentPrompt first = Prompt("The bag holds 4 red and 3 blue balls."), second = Prompt("The bag holds 4 red and 9 green balls.");
        await using ILatentSession edited = await OpenAsync(name), anew = await OpenAsync(name);
        PromptRead whole = await edited.ReadAsync(first, s_noBlocks, Token);
        Assert.Equal(0, whole.Reused);
        (await edited.ThinkAsync(3, null, Token)).Dispose();
        PromptRead again = await edited.ReadAsync(second, s_noBlocks, Token);
        Assert.InRange(again.Reused, 3, again.Positions - 1);
        Assert.Equal(again.Positions, edited.Length);
        await anew.ReadAsync(second, s_noBlocks, Token);
        using Thought after = await edited.ThinkAsync(4, null, Token), expected = await anew.ThinkAsync(4, null, Token);
        TensorChecks.Close(expected.States.Values, after.States.Values, 1e-3);
        Assert.Equal(again.Positions, (await anew.ReadAsync(second, s_noBlocks, Token)).Reused + 1);
    }

    [Fact]
    public async Task Blocks_are_compared_vector_by_vector()
    {
        int width = ((ILatentAgent)Agents["critic"]).HiddenSize;
        AgentPrompt prompt = new(null, [PromptPart.Text("Think about "), PromptPart.Slot("plan"), PromptPart.Text(" and go on.")]);
        using LatentBlock block = new(randn(6, width)), same = new(block.Values.clone());
        Tensor changed = block.Values.clone();
        changed[4, 2] = 9;
        using LatentBlock other = new(changed);
        await using ILatentSession session = await OpenAsync("critic");
        PromptRead first = await session.ReadAsync(prompt, Slot(block), Token);
        Assert.Equal(first.Positions - 1, (await session.ReadAsync(prompt, Slot(same), Token)).Reused);
        PromptRead third = await session.ReadAsync(prompt, Slot(other), Token);
        int before = first.Positions - (await TokensBehindAsync(prompt)) - 6;
        Assert.Equal(before + 4, third.Reused);

        Dictionary<string, LatentBlock> Slot(LatentBlock value) => new() { ["plan"] = value };

        async Task<int> TokensBehindAsync(AgentPrompt whole)
        {
            // All that a session holds after its slot is the rest of the text.
            await using ILatentSession empty = await OpenAsync("critic");
            using LatentBlock nothing = LatentBlock.Empty(width);
            int all = (await empty.ReadAsync(whole, Slot(nothing), Token)).Positions;
            using LatentBlock one = new(zeros(1, width));
            return all - (await empty.ReadAsync(whole, Slot(one), Token)).Reused;
        }
    }

    [Fact]
    public async Task Forks_go_their_own_ways()
    {
        await using ILatentSession trunk = await OpenAsync("solver");
        await trunk.ReadAsync(Prompt("How many beads are left?"), s_noBlocks, Token);
        await using IAgentSession left = trunk.Fork(), right = trunk.Fork();
        await right.AppendAsync([PromptPart.Given(" Count again.")], Token);
        string one = await WriteAsync(left, 12), two = await WriteAsync(right, 12), three = await WriteAsync(trunk, 12);
        Assert.Equal(three, one);
        await using ILatentSession anew = await OpenAsync("solver");
        await anew.ReadAsync(Prompt("How many beads are left?"), s_noBlocks, Token);
        await anew.AppendAsync([PromptPart.Given(" Count again.")], Token);
        Assert.Equal(await WriteAsync(anew, 12), two);
    }

    [Fact]
    public async Task A_fork_goes_on_from_the_last_token_as_its_origin_does()
    {
        await using ILatentSession trunk = await OpenAsync("solver");
        await trunk.ReadAsync(Prompt("How many beads are left?"), s_noBlocks, Token);
        await WriteAsync(trunk, 6);
        await using IAgentSession fork = trunk.Fork();
        Assert.Equal(await WriteAsync(trunk, 6), await WriteAsync(fork, 6));
    }

    [Fact]
    public async Task Sessions_take_turns_where_a_step_has_no_place_for_all()
    {
        const int Steps = 8;
        var agent = (LatentAgent)Agents["solver"];
        using var scheduler = new StepScheduler(agent.Model, new StepOptions { Sessions = 1 });
        var narrow = new LatentAgent("solver", scheduler, agent.Text, agent.InnerLink);
        await using ILatentSession one = (ILatentSession)await narrow.OpenAsync(cancellationToken: Token);
        await using ILatentSession two = (ILatentSession)await narrow.OpenAsync(cancellationToken: Token);
        await one.ReadAsync(Prompt("One?"), s_noBlocks, Token);
        await two.ReadAsync(Prompt("Two?"), s_noBlocks, Token);
        using var asked = new ManualResetEventSlim();
        var taken = new List<int>(); // the step loop alone writes to it
        Task<Thought> first = one.ThinkAsync(
            Steps,
            step =>
            {
                Assert.True(asked.Wait(TimeSpan.FromMinutes(1)));
                taken.Add(1);
            },
            Token);
        Task<Thought> second = two.ThinkAsync(Steps, _ => taken.Add(2), Token);
        asked.Set();
        (await first).Dispose();
        (await second).Dispose();
        Assert.Equal(2 * Steps, taken.Count);
        Assert.InRange(taken.IndexOf(2), 1, 3);
        Assert.InRange(taken.LastIndexOf(1), (2 * Steps) - 4, 2 * Steps);
    }

    [Fact]
    public async Task What_a_caller_does_wrong_in_a_step_is_its_own_misfortune()
    {
        const int Steps = 8;
        var agent = (LatentAgent)Agents["planner"];
        await using var wrong = (ILatentSession)await agent.OpenAsync(cancellationToken: Token);
        await using var right = (ILatentSession)await agent.OpenAsync(cancellationToken: Token);
        await wrong.ReadAsync(Prompt("One?"), s_noBlocks, Token);
        await right.ReadAsync(Prompt("Two?"), s_noBlocks, Token);
        for (int failing = 4; failing <= Steps; failing += 4)
        {
            long before = Tensor.TotalCount;
            using var asked = new ManualResetEventSlim();
            await using var bad = (ILatentSession)wrong.Fork();
            await using var good = (ILatentSession)right.Fork();
            Task<Thought> fails = bad.ThinkAsync(
                Steps,
                step =>
                {
                    Assert.True(asked.Wait(TimeSpan.FromMinutes(1)));
                    if (step == failing)
                        throw new FormatException("the listener fails");
                },
                Token);
            Task<Thought> thinks = good.ThinkAsync(Steps, null, Token);
            Task<int> uses = agent.Steps.UseModelAsync(model => model.Configuration.HiddenSize, Token);
            asked.Set();
            await Assert.ThrowsAsync<FormatException>(() => fails);
            (await thinks).Dispose();
            Assert.Equal(agent.HiddenSize, await uses);
            await bad.DisposeAsync();
            await good.DisposeAsync();
            Assert.InRange(Tensor.TotalCount, 0, before);
        }
    }

    [Fact]
    public async Task Thoughts_beside_others_are_those_alone()
    {
        const int Steps = 6;
        var agent = (LatentAgent)Agents["planner"];
        AgentPrompt[] prompts = [Prompt("One?"), Prompt("How many beads are left in the box?"), Prompt(SystemFixture.Question)];
        var alone = new List<Thought>();
        foreach (AgentPrompt prompt in prompts)
        {
            await using var session = (ILatentSession)await agent.OpenAsync(cancellationToken: Token);
            await session.ReadAsync(prompt, s_noBlocks, Token);
            alone.Add(await session.ThinkAsync(Steps, null, Token));
        }

        var sessions = new List<ILatentSession>();
        foreach (AgentPrompt prompt in prompts)
        {
            sessions.Add((ILatentSession)await agent.OpenAsync(cancellationToken: Token));
            await sessions[^1].ReadAsync(prompt, s_noBlocks, Token);
        }

        using var asked = new ManualResetEventSlim();
        (long steps, long rows) = (agent.Steps.Steps, agent.Steps.Rows);
        // The first step waits until all have asked.
        Task<Thought>[] thinking = [.. sessions.Select(session => session.ThinkAsync(Steps, _ => Assert.True(asked.Wait(TimeSpan.FromMinutes(1))), Token))];
        asked.Set();
        Thought[] together = await Task.WhenAll(thinking);
        Assert.True(agent.Steps.Rows - rows > agent.Steps.Steps - steps, "no step was shared");
        for (int i = 0; i < prompts.Length; i++)
        {
            TensorChecks.Close(alone[i].States.Values, together[i].States.Values, 1e-3);
            TensorChecks.Close(alone[i].Mapped.Values, together[i].Mapped.Values, 1e-3);
            together[i].Dispose();
            alone[i].Dispose();
            await sessions[i].DisposeAsync();
        }
    }

    [Fact]
    public async Task A_text_in_two_parts_is_the_text_in_one()
    {
        await using ILatentSession parts = await OpenAsync("solver"), whole = await OpenAsync("solver");
        await parts.ReadAsync(Prompt(SystemFixture.Question), s_noBlocks, Token);
        await whole.ReadAsync(Prompt(SystemFixture.Question), s_noBlocks, Token);
        string text = await WriteAsync(parts, 5);
        int held = parts.Length;
        text += await WriteAsync(parts, 7);
        Assert.Equal(held + 7, parts.Length);
        Assert.Equal(await WriteAsync(whole, 12), text);
    }

    [Fact]
    public async Task A_stop_sequence_ends_the_text_and_never_shows()
    {
        await using ILatentSession free = await OpenAsync("solver"), stopped = await OpenAsync("solver");
        await free.ReadAsync(Prompt(SystemFixture.Question), s_noBlocks, Token);
        await stopped.ReadAsync(Prompt(SystemFixture.Question), s_noBlocks, Token);
        string text = await WriteAsync(free, 24);
        string stop = text.Substring(text.Length / 2, 3);
        var pieces = new List<string>();
        WrittenText? written = null;
        await foreach (WriteUpdate update in stopped.WriteAsync(Options(24) with { StopSequences = ["never there", stop] }, Token))
        {
            pieces.Add(update.Text);
            written = update.Completed ?? written;
        }

        Assert.Equal((FinishReason.StopSequence, stop), (written!.Finish, written.StopSequence));
        Assert.True(written.TokenIds.Count < 24, "went on behind the stop sequence");
        Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], written.Text);
        Assert.Equal(written.Text, string.Concat(pieces));
    }

    [Fact]
    public async Task A_long_prompt_lets_others_in_and_can_be_left_between_its_chunks()
    {
        var agent = (LatentAgent)Agents["solver"];
        const int CancelAt = 12;
        using var stop = new CancellationTokenSource();
        using var asked = new ManualResetEventSlim();
        StepScheduler? steps = null;
        (int passes, long rows) = (0, 0);
        var together = new List<int>();
        using var counted = Intercepted.Around(agent.Model, (method, call) =>
        {
            if (method != nameof(ICausalLanguageModel.Forward))
                return method == nameof(IDisposable.Dispose) ? null : call();
            if (steps!.Rows - rows == 2)
                together.Add(passes);
            rows = steps.Rows;
            if (++passes == 2)
                Assert.True(asked.Wait(TimeSpan.FromMinutes(1)));
            if (passes == CancelAt)
                stop.Cancel();
            return call();
        });
        using var scheduler = steps = new StepScheduler(counted, new StepOptions { PromptPositions = 8 });
        var chunked = new LatentAgent("solver", steps, agent.Text, agent.InnerLink);
        string many = "word";
        while (agent.Measure(Prompt(many))!.Value is var size && size.Positions < size.MaxPositions - 16)
            many += " word";
        await using IAgentSession slow = await chunked.OpenAsync(cancellationToken: Token), quick = await chunked.OpenAsync(cancellationToken: Token);
        Task<PromptRead> reading = slow.ReadAsync(Prompt(many), stop.Token);
        Task<PromptRead> other = quick.ReadAsync(new AgentPrompt(null, [PromptPart.Text("Go.")]) { Verbatim = true }, Token);
        asked.Set();
        await other;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.InRange(together.Count, 1, 3);
        Assert.InRange(together[0], 1, 3);
        Assert.Equal(CancelAt, passes);
        await Assert.ThrowsAsync<InvalidOperationException>(() => slow.ReadAsync(Prompt("x"), Token));
    }

    [Fact]
    public async Task A_session_that_cannot_go_on_is_alone_in_that()
    {
        await using ILatentSession good = await OpenAsync("solver"), bad = await OpenAsync("critic");
        await good.ReadAsync(Prompt(SystemFixture.Question), s_noBlocks, Token);
        Task<string> writing = WriteAsync(good, 40);
        await Assert.ThrowsAsync<PromptException>(() => bad.ReadAsync(new AgentPrompt(null, [PromptPart.Slot("plan")]), s_noBlocks, Token));
        await bad.ReadAsync(Prompt("ok"), s_noBlocks, Token);
        await Assert.ThrowsAsync<PromptException>(() => bad.ThinkAsync(int.MaxValue, null, Token));
        Assert.NotEmpty(await writing);
    }

    [Fact]
    public async Task A_scheduler_that_is_disposed_ends_what_waits_and_runs()
    {
        var agent = (LatentAgent)Agents["solver"];
        var steps = new StepScheduler(agent.Model, new StepOptions { PromptPositions = 1 });
        var own = new LatentAgent("solver", steps, agent.Text, agent.InnerLink);
        IAgentSession[] sessions = [.. await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => own.OpenAsync(cancellationToken: Token).AsTask()))];
        // A position a step: this takes longer than the next line, whatever else the machine does.
        string[] text = [.. Enumerable.Repeat(SystemFixture.Question, 15)];
        Task<PromptRead>[] reading = [.. sessions.Select(session => session.ReadAsync(Prompt(string.Join(' ', text)), Token))];
        steps.Dispose();
        foreach (Task<PromptRead> one in reading)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one);
        foreach (IAgentSession session in sessions)
            await session.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_sessions_do_nothing_is_left()
    {
        int count = LongRuns.Wanted ? 1000 : 60;
        // Buffers that are kept for the next step have their size by then.
        await RandomSessionsAsync(count, 5);
        long tensors = Tensor.TotalCount, heap = NativeMemoryUse.Now();
        await RandomSessionsAsync(count, 7);
        TensorChecks.NoMoreLiveThan(tensors);
        Assert.True(NativeMemoryUse.Now() - heap < 4 << 20, $"{NativeMemoryUse.Now() - heap:N0} bytes of the C heap are left");
    }

    private async Task RandomSessionsAsync(int count, int seed)
    {
        foreach (int[] group in Enumerable.Range(0, count).Chunk(12))
            await Task.WhenAll(group.Select(place => RandomSessionAsync(new Random((seed * 10_000) + place))));
    }

    private async Task RandomSessionAsync(Random random)
    {
        string[] agents = ["planner", "critic", "solver"];
        IAgentSession session = await OpenAsync(agents[random.Next(3)]);
        using var stop = new CancellationTokenSource();
        if (random.Next(3) == 0)
            stop.CancelAfter(random.Next(60));
        try
        {
            await session.ReadAsync(Prompt($"start {random.Next(9)} of {random.Next(9)}"), stop.Token);
            for (int act = random.Next(1, 6); act > 0; act--)
            {
                switch (random.Next(5))
                {
                    case 0:
                        await session.ReadAsync(Prompt($"start {random.Next(9)} of {random.Next(9)}"), stop.Token);
                        break;
                    case 1:
                        await session.AppendAsync([PromptPart.Given($" more {act}")], stop.Token);
                        break;
                    case 2:
                        (await ((ILatentSession)session).ThinkAsync(random.Next(1, 6), null, stop.Token)).Dispose();
                        break;
                    case 3:
                        await WriteAsync(session, random.Next(1, 9), stop.Token);
                        break;
                    default:
                        IAgentSession fork = session.Fork();
                        await session.DisposeAsync();
                        session = fork;
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            await session.DisposeAsync();
        }
    }

    private static AgentPrompt Prompt(string text) => new(null, [PromptPart.Given(text)]);

    private static WriteOptions Options(int tokens) =>
        new() { MaxNewTokens = tokens, Sampling = new SamplingOptions { DoSample = false, MinNewTokens = tokens } };

    private static async Task<string> WriteAsync(IAgentSession session, int tokens, CancellationToken? token = null)
    {
        WrittenText? written = null;
        await foreach (WriteUpdate update in session.WriteAsync(Options(tokens), token ?? Token))
            written = update.Completed ?? written;
        return written!.Text;
    }

    private async Task<ILatentSession> OpenAsync(string agent) => (ILatentSession)await Agents[agent].OpenAsync(cancellationToken: Token);
}
