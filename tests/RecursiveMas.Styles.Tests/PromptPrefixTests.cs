using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests;

/// <summary>What stands before the first slot is read once; nothing but time changes.</summary>
[Collection(LiveTensors.Collection)]
public sealed class PromptPrefixTests
{
    private static readonly Dictionary<string, string[]> s_questions = new(StringComparer.Ordinal)
    {
        ["sequential_tiny"] =
        [
            SystemFixture.Question, "Zoe has 7 beads. January gets 2. How many beads?", "Ben has 3 pens. January gets 2. February times 2. March loses 1. April gets 4. How many pens?",
        ],
        ["mixture_tiny"] = ["Who is Ben's boss?", "Who is Jan's friend's boss?", "Who is Ida's boss's boss's boss?"],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sequential_tiny", 1)]
    [InlineData("sequential_tiny", 3)]
    [InlineData("mixture_tiny", 1)]
    [InlineData("mixture_tiny", 3)]
    public async Task The_answers_are_the_same_and_fewer_positions_are_read(string system, int batch)
    {
        await using MasSystem mas = await MasSystem.LoadAsync(system, cancellationToken: Token);
        (string[] without, Dictionary<string, long> all, double[] norms) = await RunAsync(mas, batch, reuse: false);
        (string[] with, Dictionary<string, long> fewer, double[] sameNorms) = await RunAsync(mas, batch, reuse: true);
        Assert.Equal(without, with);
        Assert.All(norms.Zip(sameNorms), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * pair.First));
        // The first agents have another prompt in the first round; whoever has the same one in three rounds reads its beginning once.
        foreach (string agent in mas.Agents)
            Assert.True(fewer[agent] < all[agent], $"{agent} read {fewer[agent]} of {all[agent]} positions");
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

    [Fact]
    public async Task Options_turn_it_off()
    {
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny", new MasOptions { ReusePromptPrefixes = false }, cancellationToken: Token);
        Assert.EndsWith("\\boxed{13}", (await mas.AskAsync(SystemFixture.Question, Token)).Text, StringComparison.Ordinal);
    }

    private static async Task<(string[] Texts, Dictionary<string, long> Read, double[] Norms)> RunAsync(MasSystem mas, int batch, bool reuse)
    {
        RecursionEngine loaded = mas.Engine(TaskKind.Math);
        Dictionary<string, CountingModel> models = mas.Agents.ToDictionary(name => name, name => new CountingModel(((LatentAgent)loaded.Agent(name)).Model));
        var engine = new RecursionEngine(
            mas.Style.Graph,
            models.ToDictionary(model => model.Key, model => (IAgent)new LatentAgent(model.Key, model.Value, ((LatentAgent)loaded.Agent(model.Key)).Text, ((LatentAgent)loaded.Agent(model.Key)).InnerLink)),
            mas.Edges.ToDictionary(edge => edge.Key, loaded.Link),
            mas.Style.Schedule);
        var texts = new List<string>();
        var norms = new List<double>();
        foreach (string[] questions in s_questions[mas.Style.Name].Chunk(batch))
        {
            IReadOnlyList<MasAnswer> answers = await engine.RunAsync(
                new RunRequest
                {
                    Questions = [.. questions.Select(question => new MasQuestion(question))],
                    Prompts = mas.Style.Prompts,
                    Rounds = 4,
                    LatentSteps = mas.Style.Defaults.LatentSteps,
                    MaxNewTokens = mas.Style.Defaults.MaxNewTokens,
                    Sampling = mas.Style.Defaults.Sampling,
                    ReusePrefixes = reuse,
                },
                cancellationToken: Token);
            texts.AddRange(answers.Select(answer => answer.Text));
            norms.AddRange(answers[0].Trace.Select(hop => hop.MeanNorm));
        }

        return ([.. texts], models.ToDictionary(model => model.Key, model => model.Value.Read), [.. norms]);
    }

    /// <summary>Counts the positions that a model reads.</summary>
    private sealed class CountingModel(ICausalLanguageModel model) : ICausalLanguageModel
    {
        public long Read { get; private set; }

        public ModelConfiguration Configuration => model.Configuration;

        public ScalarType Dtype => model.Dtype;

        public Device Device => model.Device;

        public Tensor Embed(Tensor ids) => model.Embed(ids);

        public Tensor Forward(Tensor embeddings, Tensor? mask = null, ModelCache? cache = null, PositionRule positions = PositionRule.RowIndex)
        {
            Read += embeddings.size(0) * embeddings.size(1);
            return model.Forward(embeddings, mask, cache, positions);
        }

        public Tensor Logits(Tensor hidden) => model.Logits(hidden);

        public ModelCache CreateCache(int batchSize, int capacity, PositionRule positions) => model.CreateCache(batchSize, capacity, positions);

        public void Dispose()
        {
        }
    }
}
