using RecursiveMas.Runs;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests;

/// <summary>A later round reads only what differs from what was read before; nothing but time changes.</summary>
[Collection(LiveTensors.Collection)]
public sealed class RereadingTests
{
    private static readonly Dictionary<string, string[]> s_questions = new(StringComparer.Ordinal)
    {
        ["sequential_tiny"] =
        [
            SystemFixture.Question, "Zoe has 7 beads. January gets 2. How many beads?",
            "Ben has 3 pens. January gets 2. February times 2. March loses 1. April gets 4. How many pens?",
        ],
        ["mixture_tiny"] = ["Who is Ben's boss?", "Who is Jan's friend's boss?", "Who is Ida's boss's boss's boss?"],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sequential_tiny")]
    [InlineData("mixture_tiny")]
    public async Task The_answers_are_the_same_and_fewer_positions_are_read(string system)
    {
        await using MasSystem mas = await MasSystem.LoadAsync(system, cancellationToken: Token);
        foreach (string question in s_questions[system])
        {
            MasAnswer kept = await RunAsync(mas, question, forgetful: false), forgotten = await RunAsync(mas, question, forgetful: true);
            Assert.Equal(forgotten.Text, kept.Text);
            Assert.All(forgotten.Trace.Zip(kept.Trace), pair => Assert.Equal(pair.First.MeanNorm, pair.Second.MeanNorm, 1e-3 * pair.First.MeanNorm));
            Assert.Equal(0, forgotten.Usage.ReusedPositions);
            foreach (string agent in mas.Agents.Keys)
            {
                AgentUsage usage = kept.Usage.ByAgent[agent];
                Assert.Equal(forgotten.Usage.ByAgent[agent].PromptTokens, usage.PromptTokens);
                Assert.InRange(usage.ReusedPositions, 1, usage.PromptTokens - 1);
                Assert.True(usage.CacheBytes > 0);
            }
        }
    }

    [Fact]
    public async Task What_is_said_to_be_reused_is_not_read()
    {
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: Token);
        long before = mas.Agents.Values.Sum(agent => ((LatentAgent)agent).Steps.Positions);
        MasAnswer answer = await RunAsync(mas, SystemFixture.Question, forgetful: false);
        long read = mas.Agents.Values.Sum(agent => ((LatentAgent)agent).Steps.Positions) - before;
        // Each rollout feeds all but its last vector back, each text all but its last token.
        int rollouts = answer.Stages.Count(stage => stage.Action == StageAction.Think), texts = answer.Stages.Count(stage => stage.Action == StageAction.Write);
        Assert.Equal(
            answer.Usage.PromptTokens - answer.Usage.ReusedPositions + answer.Usage.LatentVectors - rollouts + answer.Usage.GeneratedTokens - texts,
            read);
    }

    [Fact]
    public async Task A_prompt_that_changes_from_round_to_round_is_read_anew()
    {
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: Token);
        var prompts = new RoundPrompts(mas.Style.Prompts);
        MasAnswer kept = await RunAsync(mas, SystemFixture.Question, forgetful: false, prompts),
            forgotten = await RunAsync(mas, SystemFixture.Question, forgetful: true, prompts);
        Assert.Equal(forgotten.Text, kept.Text);
        Assert.NotEmpty(kept.Trace);
        Assert.All(forgotten.Trace.Zip(kept.Trace), hops => Assert.Equal(hops.First.MeanNorm, hops.Second.MeanNorm, 1e-3 * hops.First.MeanNorm));
    }

    [Fact]
    public async Task Nothing_is_kept_after_a_run_whether_it_ends_well_or_not()
    {
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: Token);
        await mas.AskAsync(SystemFixture.Question, Token);
        long before = torch.Tensor.TotalCount;
        await mas.AskAsync(SystemFixture.Question, Token);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MasUpdate update in mas.AskStreamingAsync(new MasQuestion(SystemFixture.Question), null, stop.Token))
            {
                if (update is LatentStepTaken { Agent: "critic", Round: 2 })
                    await stop.CancelAsync();
            }
        });
        TensorChecks.NoMoreLiveThan(before);
    }

    private static async Task<MasAnswer> RunAsync(MasSystem mas, string question, bool forgetful, IPromptSource? prompts = null)
    {
        var engine = new RecursionEngine(
            mas.Style.Graph,
            mas.Agents.ToDictionary(agent => agent.Key, agent => forgetful ? new ForgetfulAgent((ILatentAgent)agent.Value) : agent.Value),
            mas.Links,
            mas.Style.Schedule);
        return await engine.RunAsync(
            new RunRequest
            {
                Question = new MasQuestion(question),
                Prompts = prompts ?? mas.Style.Prompts,
                Rounds = 4,
                LatentSteps = mas.Style.Defaults.LatentSteps,
                MaxNewTokens = mas.Style.Defaults.MaxNewTokens,
                Sampling = mas.Style.Defaults.Sampling,
            },
            cancellationToken: Token);
    }

    /// <summary>The prompts of a system with words in front that differ from round to round.</summary>
    private sealed class RoundPrompts(IPromptSource prompts) : IPromptSource
    {
        public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
        {
            AgentPrompt prompt = prompts.GetPrompt(agent, round, question);
            return prompt with { User = [PromptPart.Text(round % 2 == 0 ? "January gets 2. " : "How many pens? "), .. prompt.User] };
        }

        public string? GetAnswerPass(MasQuestion question) => prompts.GetAnswerPass(question);
    }

    /// <summary>Reads every prompt in a new session.</summary>
    private sealed class ForgetfulAgent(ILatentAgent agent) : ILatentAgent
    {
        public string Name => agent.Name;

        public int HiddenSize => agent.HiddenSize;

        public ScalarType EmbeddingDtype => agent.EmbeddingDtype;

        public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IAgentSession>(new Session(agent));

        private sealed class Session(ILatentAgent agent) : ILatentSession
        {
            private ILatentSession? _session;

            public int Length => _session?.Length ?? 0;

            public long CacheBytes => _session?.CacheBytes ?? 0;

            public async Task<PromptRead> ReadAsync(
                AgentPrompt prompt,
                IReadOnlyDictionary<string, LatentBlock> blocks,
                CancellationToken cancellationToken = default)
            {
                await DisposeAsync();
                _session = (ILatentSession)await agent.OpenAsync(cancellationToken: cancellationToken);
                return await _session.ReadAsync(prompt, blocks, cancellationToken);
            }

            public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default) =>
                _session!.AppendAsync(parts, cancellationToken);

            public Task<Thought> ThinkAsync(int steps, Action<int>? stepTaken = null, CancellationToken cancellationToken = default) =>
                _session!.ThinkAsync(steps, stepTaken, cancellationToken);

            public IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, CancellationToken cancellationToken = default) =>
                _session!.WriteAsync(options, cancellationToken);

            public IAgentSession Fork() => _session!.Fork();

            public async ValueTask DisposeAsync()
            {
                if (_session is not null)
                    await _session.DisposeAsync();
            }
        }
    }
}
