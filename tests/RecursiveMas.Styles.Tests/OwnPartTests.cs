using System.Text.Json.Nodes;
using RecursiveMas.OwnParts;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests;

/// <summary>Parts of a user's own in a system, and parts of a loaded system in a user's hands.</summary>
[Collection(LiveTensors.Collection)]
public sealed class OwnPartTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const string Critic = "Sequential-Tiny-Critic-Llama";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_sample_of_an_agent_without_a_model_adds_up() =>
        Assert.Equal(
            ["An agent without a model:", "  bookkeeper: 19 + 1 - 2 + 2 - 7 = 13", "  speaker: That makes \\boxed{13}.", "  answer: 13"],
            await LinesAsync(OwnAgent.ShowAsync));

    [Fact]
    public async Task The_sample_of_a_link_type_answers_as_published_and_knows_nothing_without_links()
    {
        string[] lines = await LinesAsync(OwnLink.ShowAsync);
        Assert.Equal(3, lines.Length);
        Assert.Equal("  gain 1: outer_gain_adapter says 13", lines[1]);
        Assert.StartsWith("  gain 0: ", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain("13", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_of_a_logits_processor_keeps_a_digit_out()
    {
        string[] lines = await LinesAsync(OwnProcessor.ShowAsync);
        Assert.Equal("  as it is: all done so = 13 \\boxed{13}", lines[1]);
        Assert.Equal("  without a 3: all done so = 9 \\boxed{9}", lines[2]);
    }

    [Fact]
    public async Task The_sample_of_loaded_parts_thinks_by_hand()
    {
        long before = Tensor.TotalCount;
        string[] lines = await LinesAsync(LoadedParts.ShowAsync);
        Assert.Contains("inner link ln_res_adapter", lines[1], StringComparison.Ordinal);
        Assert.Contains("5 latent steps; over outer_ln_res_adapter they become [5, 112] for the critic", lines[2], StringComparison.Ordinal);
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public void Every_role_and_every_edge_is_reached_by_its_name()
    {
        MasSystem mas = fixture.System;
        Assert.Equal(["planner", "critic", "solver"], mas.Agents.Keys);
        Assert.Equal(["outer_12", "outer_23", "outer_31"], mas.Links.Keys);
        foreach ((string role, IAgent agent) in mas.Agents)
        {
            var latent = Assert.IsType<LatentAgent>(agent);
            Assert.Equal((role, latent.HiddenSize), (latent.Name, latent.InnerLink!.InputSize));
            Assert.Same(agent, mas.Agents[role]);
        }

        foreach (MasEdge edge in mas.Edges)
            Assert.Equal(
                (((LatentAgent)mas.Agents[edge.From]).HiddenSize, ((LatentAgent)mas.Agents[edge.To]).HiddenSize),
                (mas.Links[edge.Key].InputSize, mas.Links[edge.Key].OutputSize));
        Assert.Equal(
            "There is no agent 'planer'. Did you mean 'planner'? There are: planner, critic, solver.",
            Assert.Throws<GraphException>(() => mas.Agents["planer"]).Message);
        Assert.Contains("outer_12, outer_23, outer_31", Assert.Throws<GraphException>(() => mas.Links["inner"]).Message, StringComparison.Ordinal);
        Assert.False(mas.Agents.ContainsKey("writer"));
    }

    [Fact]
    public async Task A_system_for_the_text_channel_has_agents_without_links()
    {
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, new MasOptions { Channel = MasChannel.Text }, cancellationToken: Token);
        Assert.Null(((LatentAgent)mas.Agents["planner"]).InnerLink);
        Assert.Empty(mas.Links);
        Assert.Contains("text channel", Assert.Throws<GraphException>(() => mas.Links["outer_12"]).Message, StringComparison.Ordinal);
        RecursionEngine latent = await mas.GetEngineAsync(TaskKind.Math, MasChannel.Latent, Token);
        Assert.Equal(3, latent.Links.Count);
    }

    [Fact]
    public async Task An_agent_without_a_model_takes_the_place_of_a_loaded_one()
    {
        string folder = fixture.CopyFolder();
        Directory.Delete(Path.Combine(folder, Critic), recursive: true);
        Directory.Delete(Path.Combine(folder, "Sequential-Tiny-Outerlinks"), recursive: true);
        var seen = new List<string>();
        var critic = new TextAgent("critic", (request, _) =>
        {
            seen.Add(request.Prompt.UserText);
            return Task.FromResult("all done so = 13");
        });
        var options = new MasOptions { Style = SystemFixture.Name, Channel = MasChannel.Text, Rounds = 2, Agents = { ["critic"] = critic } };
        Assert.Equal(["planner", "solver"], MasSystem.EstimateMemory(folder, options).Agents.Keys);
        await using MasSystem mas = await MasSystem.LoadAsync(folder, options, cancellationToken: Token);
        Assert.Same(critic, mas.Agents["critic"]);
        MasAnswer answer = await mas.AskAsync(SystemFixture.Question, Token);
        Assert.Equal(2, seen.Count);
        Assert.Equal(["critic", "planner", "solver"], answer.Usage.ByAgent.Keys.Order(StringComparer.Ordinal));
        Assert.NotEmpty(answer.Text);
    }

    [Fact]
    public async Task Links_between_agents_of_ones_own_count_in_the_estimate()
    {
        await using MasSystem other = await MasSystem.LoadAsync(SystemFixture.Name, cancellationToken: Token);
        var options = new MasOptions { Style = SystemFixture.Name };
        foreach ((string name, IAgent agent) in other.Agents)
            options.Agents.Add(name, agent);
        MasMemoryEstimate estimate = MasSystem.EstimateMemory(fixture.CopyFolder(), options);
        Assert.Empty(estimate.Agents);
        Assert.True(estimate.Links > 0);
        Assert.Equal(estimate.Links, estimate.Peak);
    }

    [Fact]
    public async Task A_latent_agent_of_ones_own_takes_part_and_stays_its_owners()
    {
        MasSystem owner = fixture.System;
        string expected = (await owner.AskAsync(SystemFixture.Question, Token)).Text;
        var critic = new CountingAgent((ILatentAgent)owner.Agents["critic"]);
        var link = new CountingLink(owner.Links["outer_12"]);
        string folder = fixture.CopyFolder();
        Directory.Delete(Path.Combine(folder, Critic), recursive: true);
        File.Delete(Path.Combine(folder, "Sequential-Tiny-Outerlinks", "Planner-Critic-Outerlink.pt"));
        long before = Tensor.TotalCount;
        var options = new MasOptions { Style = SystemFixture.Name, Agents = { ["critic"] = critic }, Links = { ["outer_12"] = link } };
        await using (MasSystem mas = await MasSystem.LoadAsync(folder, options, cancellationToken: Token))
        {
            options.Agents.Clear();
            Assert.Same(critic, mas.Agents["critic"]);
            Assert.Same(link, mas.Links["outer_12"]);
            Assert.Equal(expected, (await mas.AskAsync(SystemFixture.Question, Token)).Text);
        }

        TensorChecks.NoMoreLiveThan(before);
        Assert.Equal((1, 0, 3, false), (critic.Opened, critic.Open, link.Applied, link.Disposed));
        Assert.Equal(expected, (await owner.AskAsync(SystemFixture.Question, Token)).Text);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_before_anything_is_loaded()
    {
        var writer = new TextAgent("critic", (_, _) => Task.FromResult("x"));
        _ = fixture.System;
        long before = Tensor.TotalCount;
        Assert.Contains(
            "planner, critic, solver",
            (await RefusedAsync<InvalidOptionException>(new() { Agents = { ["critik"] = writer } })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "outer_12, outer_23, outer_31",
            (await RefusedAsync<InvalidOptionException>(new() { Links = { ["outer_21"] = fixture.System.Links["outer_12"] } })).Message,
            StringComparison.Ordinal);
        Assert.Equal(nameof(MasOptions.Agents), (await RefusedAsync<InvalidOptionException>(new() { Agents = { ["critic"] = null! } })).Option);
        Assert.Equal(
            nameof(MasOptions.AgentDevices),
            (await RefusedAsync<InvalidOptionException>(
                new() { Channel = MasChannel.Text, Agents = { ["critic"] = writer }, AgentDevices = { ["critic"] = "cpu" } })).Option);
        string message = (await RefusedAsync<GraphException>(new() { Agents = { ["critic"] = writer } })).Message;
        Assert.Contains("'critic'", message, StringComparison.Ordinal);
        Assert.Contains(nameof(ILatentAgent), message, StringComparison.Ordinal);
        Assert.Contains(
            "folder",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(fixture.System.Style, null, cancellationToken: Token))).Message,
            StringComparison.Ordinal);
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task A_link_of_another_width_is_refused()
    {
        GraphException error = await RefusedAsync<GraphException>(new() { Links = { ["outer_12"] = fixture.System.Links["outer_23"] } });
        Assert.Contains("'outer_12'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_that_come_and_go_are_reached_without_being_loaded()
    {
        var loads = new List<string>();
        using var loggers = new LineLoggers(line =>
        {
            if (line.EndsWith("is loaded", StringComparison.Ordinal) || line.EndsWith("makes room", StringComparison.Ordinal))
                loads.Add(line);
        });
        await using MasSystem mas = await MasSystem.LoadAsync(
            SystemFixture.Name,
            new MasOptions { Residency = ModelResidency.OneAtATime },
            loggerFactory: loggers,
            cancellationToken: Token);
        loads.Clear();
        var planner = (LatentAgent)mas.Agents["planner"];
        Assert.Equal(96, planner.HiddenSize);
        Assert.Equal("qwen3", planner.Model.Configuration.ModelType);
        Assert.Equal(3, mas.Agents.Values.Count());
        Assert.Empty(loads);
        using (Tensor ids = tensor(new long[] { 1, 2 }))
            Assert.Contains(
                nameof(StepScheduler.UseModelAsync),
                Assert.Throws<InvalidOperationException>(() => planner.Model.Embed(ids)).Message,
                StringComparison.Ordinal);

        long[] shape = await planner.Steps.UseModelAsync(model => model.Embed(tensor(new long[] { 1, 2 })).shape, Token);
        Assert.Equal([2, 96], shape);
        Assert.Contains("planner is loaded", loads);
        await Assert.ThrowsAsync<FormatException>(() => planner.Steps.UseModelAsync<int>(_ => throw new FormatException(), Token));
        await using (IAgentSession session = await planner.OpenAsync(cancellationToken: Token))
            Assert.InRange((await session.ReadAsync(new AgentPrompt(null, [PromptPart.Text("Hello.")]), Token)).Positions, 1, 100);
        Assert.Contains("{13}", (await mas.AskAsync(SystemFixture.Question, Token)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_of_a_user_end_with_the_system()
    {
        long before = Tensor.TotalCount;
        MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, cancellationToken: Token);
        await using (IAgentSession session = await mas.Agents["solver"].OpenAsync(cancellationToken: Token))
        {
            await session.ReadAsync(new AgentPrompt(null, [PromptPart.Text("Hello.")]), Token);
            await mas.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => session.ReadAsync(new AgentPrompt(null, [PromptPart.Text("Good bye.")]), Token));
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => mas.GetEngineAsync(TaskKind.Code, cancellationToken: Token));
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task A_logits_processor_that_fails_fails_its_own_question()
    {
        var broken = new AskOptions { Sampling = new SamplingOptions { DoSample = false, LogitsProcessors = [new Broken()] } };
        Task<MasAnswer> bad = fixture.System.AskAsync(new MasQuestion(SystemFixture.Question), broken, Token),
            good = fixture.System.AskAsync(SystemFixture.Question, Token);
        SamplingException error = await Assert.ThrowsAsync<SamplingException>(() => bad);
        Assert.Contains("Broken failed: on purpose", error.Message, StringComparison.Ordinal);
        Assert.IsType<FormatException>(error.InnerException);
        Assert.Contains("{13}", (await good).Text, StringComparison.Ordinal);
    }

    private static async Task<T> RefusedAsync<T>(MasOptions options)
        where T : Exception =>
        await Assert.ThrowsAsync<T>(() => MasSystem.LoadAsync(SystemFixture.Name, options, cancellationToken: Token));

    private static async Task<string[]> LinesAsync(Func<TextWriter, Task> show)
    {
        using var output = new StringWriter { NewLine = "\n" };
        await show(output);
        return output.ToString().TrimEnd('\n').Split('\n');
    }

    private sealed class Broken : ILogitsProcessor
    {
        public void Process(LogitsContext context, Span<float> logits) => throw new FormatException("on purpose");
    }

    private sealed class CountingAgent(ILatentAgent inner) : ILatentAgent
    {
        public int Opened { get; private set; }

        public int Open { get; private set; }

        public string Name => inner.Name;

        public int HiddenSize => inner.HiddenSize;

        public ScalarType EmbeddingDtype => inner.EmbeddingDtype;

        public async ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
        {
            (Opened, Open) = (Opened + 1, Open + 1);
            return new Session(this, (ILatentSession)await inner.OpenAsync(options, cancellationToken));
        }

        private sealed class Session(CountingAgent agent, ILatentSession inner) : ILatentSession
        {
            public Task<PromptRead> ReadAsync(
                AgentPrompt prompt,
                IReadOnlyDictionary<string, LatentBlock> blocks,
                CancellationToken cancellationToken = default) => inner.ReadAsync(prompt, blocks, cancellationToken);

            public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default) =>
                inner.AppendAsync(parts, cancellationToken);

            public Task<Thought> ThinkAsync(int steps, Action<int>? stepTaken = null, CancellationToken cancellationToken = default) =>
                inner.ThinkAsync(steps, stepTaken, cancellationToken);

            public IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, CancellationToken cancellationToken = default) =>
                inner.WriteAsync(options, cancellationToken);

            public IAgentSession Fork() => inner.Fork();

            public async ValueTask DisposeAsync()
            {
                agent.Open--;
                await inner.DisposeAsync();
            }
        }
    }

    private sealed class CountingLink(IRecursiveLink inner) : IRecursiveLink
    {
        public int Applied { get; private set; }

        public bool Disposed { get; private set; }

        public string AdapterType => inner.AdapterType;

        public int InputSize => inner.InputSize;

        public int OutputSize => inner.OutputSize;

        public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
        {
            Applied++;
            return inner.Apply(states, outputDtype);
        }

        public void Dispose() => Disposed = true;
    }
}
