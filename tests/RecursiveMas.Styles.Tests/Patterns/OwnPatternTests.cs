using System.Text.Json;
using RecursiveMas.OwnPatterns;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests.Patterns;

/// <summary>Systems of a user's own: the samples' patterns with tiny models and links of random weights.</summary>
public sealed class OwnPatternTests : IDisposable
{
    private static readonly string s_tiny = Path.Combine(Goldens.RepositoryRoot, "RecursiveMas.TinySystems", "Systems", "sequential_tiny");
    private static readonly (string Name, int Width)[] s_models =
    [
        ("Sequential-Tiny-Planner-Qwen3", 96),
        ("Sequential-Tiny-Critic-Llama", 112),
        ("Sequential-Tiny-Solver-Qwen2", 80),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("recursivemas-pattern-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Two_agents_in_a_loop(int rounds)
    {
        StyleDefinition loop = LoopOfTwo.Definition;
        WriteRepositories(loop);
        await using MasSystem mas = await MasSystem.LoadAsync(loop, _folder, Options(), cancellationToken: Token);
        MasAnswer answer = await mas.AskAsync(new MasQuestion("What is 17 + 4?"), new AskOptions { Rounds = rounds }, Token);
        Assert.Equal(
            Enumerable.Range(0, (2 * rounds) - 1).Select(hop => hop % 2 == 0 ? "critic_writer" : "writer_critic"),
            answer.Trace.Select(hop => hop.Edge));
        Assert.Equal(((2 * rounds) - 1) * 3, answer.Usage.LatentVectors);
        Assert.InRange(answer.Usage.ByAgent["writer"].GeneratedTokens, 1, 8 + 16);
        Assert.True(answer.AnswerPassRan);
    }

    [Fact]
    public async Task Five_agents_in_a_ring()
    {
        StyleDefinition ring = RingOfFive.Definition;
        WriteRepositories(ring);
        await using MasSystem mas = await MasSystem.LoadAsync(ring, _folder, Options(), cancellationToken: Token);
        IReadOnlyList<MasAnswer> answers = await mas
            .AskManyAsync([new MasQuestion("What is 1 + 1?"), new MasQuestion("Say hello.") { Kind = TaskKind.Free }], cancellationToken: Token)
            .AnswersAsync();
        Assert.All(answers, answer => Assert.Equal(9, answer.Trace.Count));
        Assert.Equal(["from_reader", "from_planner", "from_worker", "from_checker", "from_writer"], answers[0].Trace.Take(5).Select(hop => hop.Edge));
        Assert.False(answers[1].AnswerPassRan);
    }

    [Fact]
    public async Task One_model_plays_all_roles_over_text()
    {
        string model = Path.Combine(s_tiny, s_models[0].Name);
        await using MasSystem mas = await MasSystem.LoadAsync(
            RingOfFive.Definition,
            model,
            new MasOptions { Channel = MasChannel.Text, Rounds = 1, MaxNewTokens = 8, AnswerPass = false },
            cancellationToken: Token);
        MasAnswer answer = await mas.AskAsync("What is 1 + 1?", Token);
        Assert.Equal(RingOfFive.Definition.Graph.Agents, answer.Usage.ByAgent.Keys);
    }

    [Fact]
    public async Task Agents_with_identical_weights_share_one_copy()
    {
        StyleDefinition loop = LoopOfTwo.Definition;
        WriteRepositories(loop, sameModel: true);
        await using (MasSystem mas = await MasSystem.LoadAsync(loop, _folder, Options(), cancellationToken: Token))
            Assert.Same(Model(mas, "critic"), Model(mas, "writer"));

        // Another element type, or one other byte in the weights, is another model.
        await using (MasSystem mixed = await MasSystem.LoadAsync(
            loop,
            _folder,
            Options() with { AgentDtypes = new Dictionary<string, ModelDtype> { ["critic"] = ModelDtype.BFloat16 } },
            cancellationToken: Token))
            Assert.NotSame(Model(mixed, "critic"), Model(mixed, "writer"));
        string weights = Path.Combine(_folder, "Writer", "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        await using MasSystem other = await MasSystem.LoadAsync(loop, _folder, Options(), cancellationToken: Token);
        Assert.NotSame(Model(other, "critic"), Model(other, "writer"));
    }

    [Fact]
    public async Task A_missing_repository_or_slot_is_named()
    {
        StyleDefinition loop = LoopOfTwo.Definition;
        WriteRepositories(loop);
        Directory.Delete(Path.Combine(_folder, "Critic"), recursive: true);
        Assert.Contains(
            "'Critic'",
            (await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(loop, _folder, Options(), cancellationToken: Token))).Message,
            StringComparison.Ordinal);
        WriteRepositories(loop);
        StyleDefinition wrong = loop with { Prompts = RingOfFive.Definition.Prompts };
        Assert.Contains(
            "'critic'",
            (await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(wrong, _folder, Options(), cancellationToken: Token))).Message,
            StringComparison.Ordinal);
    }

    private static ICausalLanguageModel Model(MasSystem mas, string agent) => ((LatentAgent)mas.Agents[agent]).Model;

    private static MasOptions Options() => new()
    {
        Rounds = 2,
        LatentSteps = 3,
        MaxNewTokens = 8,
        Dtype = ModelDtype.Float32,
        Sampling = new SamplingOptions { DoSample = false },
    };

    private void WriteRepositories(StyleDefinition pattern, bool sameModel = false)
    {
        var widths = new Dictionary<string, int>();
        foreach ((string agent, int place) in pattern.Graph.Agents.Select((agent, place) => (agent, place)))
        {
            (string model, int width) = s_models[sameModel ? 0 : place % s_models.Length];
            widths[agent] = width;
            string target = Path.Combine(_folder, pattern.Repositories[agent]);
            Directory.CreateDirectory(target);
            foreach (string file in Directory.EnumerateFiles(Path.Combine(s_tiny, model)))
                File.WriteAllBytes(Path.Combine(target, Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        string links = Path.Combine(_folder, pattern.LinkRepository);
        Directory.CreateDirectory(links);
        using var scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        ILinkType type = LinkTypeRegistry.BuiltIn.Find(LinkTypeRegistry.DefaultOuter, "test");
        foreach (MasEdge edge in pattern.Graph.Edges)
            LinkWriter.Write(Path.Combine(links, edge.Key + ".pt"), type
                .GetTensors(widths[edge.From], widths[edge.To])
                .Select(tensor => KeyValuePair.Create(tensor.Name, randn([.. tensor.Shape], generator: generator) * 0.05f)));
        File.WriteAllText(
            Path.Combine(links, "outerlink_config.json"),
            JsonSerializer.Serialize(
                new { format_version = 1, adapters = pattern.Graph.Edges.Select(edge => new { legacy_key = edge.Key, filename = edge.Key + ".pt" }) }));
    }
}
