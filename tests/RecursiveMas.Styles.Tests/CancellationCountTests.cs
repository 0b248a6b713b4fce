using System.Globalization;
using RecursiveMas.Catalogue;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Cancellation and streaming of real models, counted in forward passes: each reads a prompt, takes a latent step, or writes a token.</summary>
[Collection(LiveTensors.Collection)]
public sealed class CancellationCountTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static MasOptions Options => new() { Device = TestDevice.Name };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sequential_tiny", 2, SystemFixture.Question)]
    [InlineData("mixture_tiny", 1, "Who is Jan's friend's boss?")]
    public async Task A_run_ends_with_the_pass_in_which_it_is_cancelled(string system, int rounds, string question)
    {
        await using MasSystem mas = await MasSystem.LoadAsync(system, Options, cancellationToken: Token);
        int passes = 0, cancelAt = int.MaxValue;
        // Agents of a stage may be in a pass of their own when one of them cancels.
        int beside = mas.Style.Graph.Stages.Max(stage => stage.Count) - 1;
        CancellationTokenSource? cancel = null;
        RecursionEngine engine = Engine(mas, () =>
        {
            if (Interlocked.Increment(ref passes) == cancelAt)
                cancel!.Cancel();
        });
        RunRequest request = Request(system, rounds, question);
        string answer = (await engine.RunAsync(request, cancellationToken: Token)).Text;
        int all = passes;
        Assert.True(all > 20, $"only {all} passes");
        for (cancelAt = 1; cancelAt < all; cancelAt++)
        {
            using var source = new CancellationTokenSource();
            cancel = source;
            passes = 0;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.RunAsync(request, cancellationToken: source.Token));
            Assert.True(
                passes >= cancelAt && passes <= cancelAt + beside,
                string.Create(CultureInfo.InvariantCulture, $"cancelled in pass {cancelAt} of {all}, went on to {passes}"));
        }

        cancelAt = int.MaxValue;
        Assert.Equal(answer, (await engine.RunAsync(request, cancellationToken: Token)).Text);
    }

    [Fact]
    public async Task No_step_follows_the_one_in_which_a_thought_is_cancelled()
    {
        const int Steps = 12;
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, Options, cancellationToken: Token);
        var planner = (ILatentAgent)mas.Agents["planner"];
        for (int cancelAt = 1; cancelAt < Steps; cancelAt++)
        {
            using var cancel = new CancellationTokenSource();
            int taken = 0;
            await using var session = (ILatentSession)await planner.OpenAsync(cancellationToken: Token);
            await session.ReadAsync(Prompt("planner"), new Dictionary<string, LatentBlock>(), Token);
            OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.ThinkAsync(
                Steps,
                step =>
                {
                    taken++;
                    Assert.Equal(taken, step);
                    if (step == cancelAt)
                        cancel.Cancel();
                },
                cancel.Token));
            Assert.Equal(cancelAt, taken);
            Assert.Equal(cancel.Token, error.CancellationToken);
        }
    }

    [Fact]
    public async Task Tokens_come_while_the_next_ones_are_not_written_yet()
    {
        using var received = new SemaphoreSlim(0);
        int passes = 0;
        bool inTime = true;
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, Options, cancellationToken: Token);
        await using IAgentSession solver = await OpenAsync(mas, "solver", () =>
        {
            // One pass has read the prompt. The token of a pass can be here only after it; that of the one before must be.
            if (++passes > 2)
                inTime &= received.Wait(s_patience);
        });
        int tokens = 0;
        await foreach (WriteUpdate update in solver.WriteAsync(Write(maxNewTokens: 20), Token))
        {
            if (update.TokenId is null)
                continue;
            tokens++;
            received.Release();
        }

        Assert.True(inTime, "A token came only when later ones had been written.");
        Assert.Equal(20, tokens);
    }

    [Fact]
    public async Task Who_stops_listening_stops_the_writing()
    {
        const int MaxNewTokens = 300;
        int passes = 0;
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, Options, cancellationToken: Token);
        await using IAgentSession solver = await OpenAsync(mas, "solver", () =>
        {
            passes++;
            Thread.Sleep(3);
        });
        await foreach (WriteUpdate _ in solver.WriteAsync(Write(MaxNewTokens), Token))
            break;
        int stopped = passes;
        Assert.InRange(stopped, 1, MaxNewTokens - 1);
        await Task.Delay(50, Token);
        Assert.Equal(stopped, passes);
    }

    [Fact]
    public async Task A_thought_that_fails_at_its_last_step_leaves_no_tensor()
    {
        const int Steps = 4;
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, Options, cancellationToken: Token);
        var planner = (LatentAgent)mas.Agents["planner"];
        int steps = 0, failures = 0;
        bool failing = false;
        IRecursiveLink broken = Intercepted.Around(planner.InnerLink!, (method, call) =>
        {
            if (method != nameof(IRecursiveLink.Apply) || !failing)
                return call();
            failures++;
            throw new InvalidOperationException("broken");
        });
        var agent = new LatentAgent(planner.Name, new StepScheduler(planner.Model), planner.Text, broken);
        long before = 0;
        for (int thought = 0; thought < 3; thought++)
        {
            failing = false;
            await using (var session = (ILatentSession)await agent.OpenAsync(cancellationToken: Token))
            {
                await session.ReadAsync(Prompt("planner"), new Dictionary<string, LatentBlock>(), Token);
                // All states but the last are there by then.
                await Assert.ThrowsAsync<InvalidOperationException>(() => session.ThinkAsync(
                    Steps,
                    step =>
                    {
                        steps++;
                        failing = step == Steps - 1;
                    },
                    Token));
            }

            before = thought == 0 ? TorchSharp.torch.Tensor.TotalCount : before;
        }

        Assert.Equal((3 * (Steps - 1), 3), (steps, failures));
        TensorChecks.NoMoreLiveThan(before);
    }

    private static async Task<IAgentSession> OpenAsync(MasSystem mas, string agent, Action pass)
    {
        IAgentSession session = await Agent(mas, agent, pass).OpenAsync(cancellationToken: Token);
        await session.ReadAsync(Prompt(agent), Token);
        return session;
    }

    private static WriteOptions Write(int maxNewTokens) => new()
    {
        MaxNewTokens = maxNewTokens,
        Sampling = new SamplingOptions { DoSample = false, MinNewTokens = maxNewTokens },
    };

    /// <summary>The prompt of an agent of the tiny system, with words where blocks would stand.</summary>
    private static AgentPrompt Prompt(string agent)
    {
        AgentPrompt prompt = StyleCatalogue.Find(SystemFixture.Name).Prompts.GetPrompt(agent, 1, new MasQuestion(SystemFixture.Question));
        return prompt.WithSlotTexts(prompt.Slots.ToDictionary(slot => slot, _ => "nothing"));
    }

    private static RunRequest Request(string system, int rounds, string question)
    {
        StyleDefinition style = StyleCatalogue.Find(system);
        return new RunRequest
        {
            Question = new MasQuestion(question),
            Prompts = style.Prompts,
            Rounds = rounds,
            LatentSteps = style.Defaults.LatentSteps,
            MaxNewTokens = style.Defaults.MaxNewTokens,
            Sampling = new SamplingOptions { DoSample = false },
        };
    }

    private static RecursionEngine Engine(MasSystem mas, Action pass)
    {
        return new RecursionEngine(mas.Style.Graph, mas.Agents.Keys.ToDictionary(name => name, name => Agent(mas, name, pass)), mas.Links, mas.Style.Schedule);
    }

    /// <summary>An agent that tells of every forward pass, on the thread that computes and before it begins.</summary>
    private static IAgent Agent(MasSystem mas, string name, Action pass)
    {
        var agent = (LatentAgent)mas.Agents[name];
        ICausalLanguageModel model = Intercepted.Around(agent.Model, (method, call) =>
        {
            if (method == nameof(ICausalLanguageModel.Forward))
                pass();
            return call();
        });
        return new LatentAgent(name, new StepScheduler(model), agent.Text, agent.InnerLink);
    }
}
