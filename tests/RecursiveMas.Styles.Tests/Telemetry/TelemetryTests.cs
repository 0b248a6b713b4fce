using System.Diagnostics;
using System.Reflection;
using RecursiveMas.Telemetry;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Telemetry;

/// <summary>Names, parents, units and tags of what a system reports; and that it reports nothing where nobody listens.</summary>
[Collection(nameof(TelemetryTests))]
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class TelemetryTests
{
    private const string Name = "watched";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_a_span_with_one_for_each_agent_in_each_round()
    {
        await using MasSystem tiny = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: Token);
        await using MasSystem mas = await RenamedAsync(tiny);
        using var watched = new Watched(Name);
        using Activity caller = new Activity("caller").Start();
        MasAnswer answer = await mas.AskAsync(SystemFixture.Question, Token);
        caller.Stop();
        Activity question = Assert.Single(watched.Spans, span => span.OperationName == "invoke_workflow watched");
        Assert.Equal(caller.SpanId, question.ParentSpanId);
        Assert.Equal(ActivityStatusCode.Unset, question.Status);
        Assert.Equal(ActivityKind.Internal, question.Kind);
        Assert.Equal(
            [
                "gen_ai.operation.name=invoke_workflow", "gen_ai.provider.name=recursivemas", "gen_ai.request.model=watched",
                $"gen_ai.usage.cache_read.input_tokens={answer.Usage.ReusedPositions}",
                $"gen_ai.usage.input_tokens={answer.Usage.PromptTokens - 40}", $"gen_ai.usage.output_tokens={answer.Usage.GeneratedTokens}",
                "gen_ai.workflow.name=watched", "recursivemas.channel=Latent", "recursivemas.kind=Math", "recursivemas.latent_steps=5",
                "recursivemas.rounds=3", "recursivemas.spliced_vectors=40",
            ],
            Tags(question).Where(tag => !tag.Contains(".waited", StringComparison.Ordinal) && !tag.Contains(".response.", StringComparison.Ordinal)));
        Assert.Equal(["stop"], (string[])question.GetTagItem(MasTelemetry.FinishReasons)!);
        Assert.InRange((double)question.GetTagItem(MasTelemetry.Waited)!, 0, 10);

        Activity[] agents = [.. watched.Spans.Where(span => span != question)];
        Assert.Equal(9, agents.Length);
        Assert.All(agents, span => Assert.Equal((question.SpanId, question.TraceId), (span.ParentSpanId, span.TraceId)));
        Assert.Equal(
            [
                "invoke_agent planner 1 think", "invoke_agent critic 1 think", "invoke_agent solver 1 think",
                "invoke_agent planner 2 think", "invoke_agent critic 2 think", "invoke_agent solver 2 think",
                "invoke_agent planner 3 think", "invoke_agent critic 3 think", "invoke_agent solver 3 answer",
            ],
            agents.Select(span => $"{span.OperationName} {span.GetTagItem(MasTelemetry.Round)} {span.GetTagItem(MasTelemetry.Stage)}"));
        Assert.Equal(
            [
                "gen_ai.agent.name=critic", "gen_ai.operation.name=invoke_agent", "gen_ai.provider.name=recursivemas",
                "gen_ai.usage.cache_read.input_tokens=0", $"gen_ai.usage.input_tokens={answer.Stages[1].Usage.PromptTokens - 5}",
                "gen_ai.usage.output_tokens=0", "gen_ai.workflow.name=watched", "recursivemas.latent_steps=5", "recursivemas.round=1",
                "recursivemas.spliced_vectors=5", "recursivemas.stage=think",
            ],
            Tags(agents[1]));
        Assert.Equal(answer.Usage.GeneratedTokens, agents[8].GetTagItem(MasTelemetry.OutputTokens));
        Assert.Equal(answer.Usage.PromptTokens, answer.Stages.Sum(stage => stage.Usage.PromptTokens));

        ActivityEvent[] hops = [.. question.Events];
        Assert.Equal(8, hops.Length);
        Assert.All(hops, hop => Assert.Equal("recursivemas.hop", hop.Name));
        HopCrossed crossed = answer.Trace[0];
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["recursivemas.edge"] = "outer_12", ["recursivemas.from"] = "planner", ["recursivemas.to"] = "critic", ["recursivemas.round"] = 1,
                ["recursivemas.vectors"] = 5L, ["recursivemas.width"] = crossed.Shape[1], ["recursivemas.norm.smallest"] = crossed.SmallestNorm,
                ["recursivemas.norm.mean"] = crossed.MeanNorm, ["recursivemas.norm.largest"] = crossed.LargestNorm,
            },
            hops[0].Tags.ToDictionary());
    }

    [Fact]
    public async Task Numbers_are_measured_with_units_and_tags()
    {
        await using MasSystem tiny = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: Token);
        await using MasSystem mas = await RenamedAsync(tiny);
        using var watched = new Watched(Name);
        MasAnswer answer = await mas.AskAsync(SystemFixture.Question, Token);
        watched.Read();
        Assert.Equal(
            [
                "gen_ai.client.token.usage {token} Histogram",
                "gen_ai.server.request.duration s Histogram", "gen_ai.server.time_per_output_token s Histogram",
                "gen_ai.server.time_to_first_token s Histogram", "recursivemas.cache.size By Histogram", "recursivemas.hop.norm 1 Histogram",
                "recursivemas.hops {hop} Counter", "recursivemas.latent_steps {step} Counter",
                "recursivemas.questions.active {question} ObservableUpDownCounter",
                "recursivemas.queue.duration s Histogram", "recursivemas.queue.length {question} ObservableUpDownCounter",
                "recursivemas.rounds {round} Histogram",
                "recursivemas.stage.duration s Histogram", "recursivemas.step.duration s Histogram", "recursivemas.step.positions {position} Histogram",
                "recursivemas.step.rows {row} Histogram",
            ],
            watched.Measurements.Select(measured => $"{measured.Name} {measured.Unit} {measured.Instrument}").Distinct().Order(StringComparer.Ordinal));

        const string Server = "gen_ai.operation.name=invoke_workflow gen_ai.provider.name=recursivemas gen_ai.request.model=watched";
        foreach (string name in new[] { MasTelemetry.RequestDuration, MasTelemetry.TimeToFirstToken, MasTelemetry.TimePerOutputToken })
            Assert.Equal(Server, Assert.Single(watched.Of(name)).Said);
        double request = watched.Of(MasTelemetry.RequestDuration).Single().Value, first = watched.Of(MasTelemetry.TimeToFirstToken).Single().Value;
        double next = watched.Of(MasTelemetry.TimePerOutputToken).Single().Value;
        Assert.InRange(first, double.Epsilon, request);
        Assert.InRange(next * (answer.TokenIds.Count - 1), double.Epsilon, request - first);
        const string OfAgents = "gen_ai.operation.name=invoke_agent gen_ai.provider.name=recursivemas gen_ai.request.model=watched gen_ai.token.type";
        Assert.Equal(
            answer.Usage.ByAgent.SelectMany(agent => new (string, double)[]
            {
                ($"gen_ai.agent.name={agent.Key} {OfAgents}=input", agent.Value.PromptTokens - agent.Value.SplicedVectors),
                ($"gen_ai.agent.name={agent.Key} {OfAgents}=output", agent.Value.GeneratedTokens),
            }).Where(pair => pair.Item2 > 0),
            watched.Of(MasTelemetry.TokenUsage).Select(measured => (measured.Said, measured.Value)));
        Assert.Equal(40, watched.Of(MasTelemetry.LatentSteps).Sum(measured => measured.Value));
        Assert.Equal(15, watched.Of(MasTelemetry.LatentSteps).Where(measured => measured.Said == "gen_ai.agent.name=planner").Sum(measured => measured.Value));
        Assert.Equal(
            answer.Trace.Select(hop => ($"recursivemas.edge={hop.Edge}", hop.MeanNorm)),
            watched.Of(MasTelemetry.HopNorm).Select(hop => (hop.Said, hop.Value)));
        Assert.Equal(8, watched.Of(MasTelemetry.Hops).Sum(measured => measured.Value));
        Assert.Equal(3, watched.Of(MasTelemetry.Rounds).Single().Value);
        Assert.Equal(9, watched.Of(MasTelemetry.StageDuration).Count());
        Assert.Single(watched.Of(MasTelemetry.StageDuration), measured => measured.Said == "gen_ai.agent.name=solver recursivemas.stage=answer");
        Assert.Equal(
            answer.Usage.ByAgent.Values.Select(usage => (double)usage.CacheBytes), watched.Of(MasTelemetry.CacheSize).Select(measured => measured.Value));
        // Steps belong to models and not to systems: others may take some meanwhile. Eight stages step on from where they have read, the last one writes on.
        Assert.All(watched.Of(MasTelemetry.StepRows), measured => Assert.True(measured.Value >= 1 && measured.Tags.ContainsKey(MasTelemetry.ModelType)));
        int read = answer.Usage.PromptTokens - answer.Usage.ReusedPositions + (8 * 4) + answer.TokenIds.Count - 1;
        Assert.InRange(watched.Of(MasTelemetry.StepPositions).Sum(measured => measured.Value), read, double.MaxValue);
        Assert.Equal(0, Assert.Single(watched.Of(MasTelemetry.QueueLength)).Value);
    }

    [Fact]
    public async Task Questions_that_wait_are_counted_and_their_time_is_told()
    {
        var goOn = new TaskCompletionSource();
        var writer = new ScriptedAgent("writer", _ => ["done"]) { BeforeToken = token => goOn.Task.WaitAsync(token) };
        await using MasSystem mas = await AloneAsync(writer, options => options.MaxConcurrency = 1);
        using var watched = new Watched(Name);
        Task<MasAnswer> one = mas.AskAsync("One?", Token), two = mas.AskAsync("Two?", Token);
        while (writer.OpenSessions == 0)
            await Task.Delay(5, Token);
        watched.Read();
        Assert.Equal(
            (1, 1), (watched.Of(MasTelemetry.ActiveQuestions).Single().Value, watched.Of(MasTelemetry.QueueLength).Single().Value));
        await Task.Delay(50, Token);
        goOn.SetResult();
        await Task.WhenAll(one, two);
        watched.Measurements.Clear();
        watched.Read();
        Assert.Equal(
            (0, 0), (watched.Of(MasTelemetry.ActiveQuestions).Single().Value, watched.Of(MasTelemetry.QueueLength).Single().Value));
        Activity waited = watched.Spans.Where(span => span.OperationName.StartsWith("invoke_workflow", StringComparison.Ordinal))
            .MaxBy(span => (double)span.GetTagItem(MasTelemetry.Waited)!)!;
        Assert.InRange((double)waited.GetTagItem(MasTelemetry.Waited)!, 0.04, 60);
        Assert.InRange(waited.Duration.TotalSeconds, 0.04, 60);
    }

    [Fact]
    public async Task Calls_of_tools_are_spans_of_their_agent_and_whatever_they_do_belongs_to_it()
    {
        ActivityContext? inside = null;
        var tools = new ToolOptions
        {
            Tools =
            [
                new MasTool("look", (_, _) =>
                {
                    inside = Activity.Current?.Context;
                    return Task.FromResult("seen");
                }),
                new MasTool("fail", (_, _) => throw new InvalidOperationException("no")),
            ],
            MaxCalls = 2,
        };
        string[] lines = ["<look>", "a", "</look>", "<fail>", "</fail>", "<look>", "</look>", "done"];
        var writer = new ScriptedAgent("writer", held => held.Contains("<fail>", StringComparison.Ordinal)
            ? held.Contains("limit", StringComparison.Ordinal) ? lines[7..] : lines[5..7]
            : held.Contains("seen", StringComparison.Ordinal) ? lines[3..5] : lines[..3]);
        await using MasSystem mas = await AloneAsync(writer, options => options.Tools = tools);
        using var watched = new Watched(Name);
        await mas.AskAsync("What?", Token);
        Activity agent = Assert.Single(watched.Spans, span => span.OperationName == "invoke_agent writer");
        Activity[] calls = [.. watched.Spans.Where(span => span.OperationName.StartsWith("execute_tool", StringComparison.Ordinal))];
        Assert.Equal(["execute_tool look", "execute_tool fail"], calls.Select(span => span.OperationName));
        Assert.All(calls, span => Assert.Equal(agent.SpanId, span.ParentSpanId));
        Assert.Equal(
            [
                "gen_ai.agent.name=writer", "gen_ai.operation.name=execute_tool", "gen_ai.provider.name=recursivemas", "gen_ai.tool.name=look",
                "gen_ai.tool.type=function", "gen_ai.workflow.name=watched",
            ],
            Tags(calls[0]));
        Assert.Equal((ActivityStatusCode.Error, "tool_error"), (calls[1].Status, calls[1].GetTagItem(MasTelemetry.ErrorType)));
        Assert.Equal(calls[0].SpanId, inside?.SpanId);
        Assert.Equal(["recursivemas.tool_limit"], agent.Events.Select(happened => happened.Name));
        Assert.Equal(
            ["gen_ai.agent.name=writer gen_ai.tool.name=look", "error.type=tool_error gen_ai.agent.name=writer gen_ai.tool.name=fail"],
            watched.Of(MasTelemetry.ToolDuration).Select(measured => measured.Said));
    }

    [Fact]
    public async Task Failures_end_every_span_with_their_type()
    {
        var writer = new ScriptedAgent("writer", _ => throw new InvalidOperationException("secret"));
        await using MasSystem mas = await AloneAsync(writer);
        using var watched = new Watched(Name);
        await Assert.ThrowsAsync<InvalidOperationException>(() => mas.AskAsync("What?", Token));
        Assert.Equal(["invoke_agent writer", "invoke_workflow watched"], watched.Spans.Select(span => span.OperationName));
        Assert.All(watched.Spans, span =>
        {
            Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
            Assert.Equal("System.InvalidOperationException", span.GetTagItem(MasTelemetry.ErrorType));
        });
        Assert.Equal(
            "error.type=System.InvalidOperationException gen_ai.operation.name=invoke_workflow gen_ai.provider.name=recursivemas gen_ai.request.model=watched",
            Assert.Single(watched.Of(MasTelemetry.RequestDuration)).Said);
        Assert.Empty(watched.Of(MasTelemetry.TimeToFirstToken));
    }

    [Fact]
    public async Task Contents_are_told_only_where_they_are_asked_for()
    {
        var writer = new ScriptedAgent("writer", _ => ["the ", "answer"]);
        await using MasSystem mas = await AloneAsync(writer);
        using var watched = new Watched(Name);
        var question = new MasQuestion("the question")
        {
            Kind = TaskKind.Free,
            Instructions = "Be brief.",
            History = [new MasTurn(MasTurnRole.User, "Hi"), new MasTurn(MasTurnRole.Assistant, "Hello")],
        };
        await mas.AskAsync(question, null, Token);
        Assert.DoesNotContain(
            watched.Spans.SelectMany(Tags), tag => tag.Contains("the ", StringComparison.Ordinal) || tag.Contains("brief", StringComparison.Ordinal));
        watched.Spans.Clear();
        await mas.AskAsync(question, new AskOptions { TelemetryContent = true }, Token);
        Activity root = watched.Spans.Last(), agent = watched.Spans.First();
        const string History = """{"role":"user","parts":[{"type":"text","content":"Hi"}]},{"role":"assistant","parts":[{"type":"text","content":"Hello"}]}""";
        Assert.Equal($$"""[{{History}},{"role":"user","parts":[{"type":"text","content":"the question"}]}]""", root.GetTagItem(MasTelemetry.InputMessages));
        Assert.Equal("""[{"type":"text","content":"Be brief."}]""", root.GetTagItem(MasTelemetry.SystemInstructions));
        Assert.Equal(
            """[{"role":"assistant","parts":[{"type":"text","content":"the answer"}],"finish_reason":"stop"}]""", root.GetTagItem(MasTelemetry.OutputMessages));
        Assert.Equal(
            $$"""[{{History}},{"role":"user","parts":[{"type":"text","content":"Write: the question"}]}]""", agent.GetTagItem(MasTelemetry.InputMessages));
        Assert.Equal("""[{"type":"text","content":"You write.\n\nBe brief."}]""", agent.GetTagItem(MasTelemetry.SystemInstructions));
        Assert.Equal("""[{"role":"assistant","parts":[{"type":"text","content":"the answer"}]}]""", agent.GetTagItem(MasTelemetry.OutputMessages));
    }

    [Fact]
    public void Where_nobody_listens_a_run_has_no_reporter_and_nothing_is_allocated()
    {
        var request = new RunRequest
        {
            Question = new MasQuestion("What?"), Prompts = new Prompts(), Rounds = 1, LatentSteps = 0, MaxNewTokens = 1,
        };
        Assert.Null(RunTelemetry.Begin(request));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            _ = RunTelemetry.Begin(request);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        using (new Watched(Name))
            Assert.NotNull(RunTelemetry.Begin(request));
        Assert.Null(RunTelemetry.Begin(request));
    }

    [Fact]
    public void Every_name_belongs_to_the_conventions_or_to_us()
    {
        string[] names = [.. typeof(MasTelemetry).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.Name is not (nameof(MasTelemetry.ConventionVersion) or nameof(MasTelemetry.SourceName) or nameof(MasTelemetry.ProviderName)
                or nameof(MasTelemetry.InvokeAgent) or nameof(MasTelemetry.InvokeWorkflow) or nameof(MasTelemetry.ExecuteTool)))
            .Select(field => (string)field.GetRawConstantValue()!)];
        Assert.Equal(names.Distinct().Count(), names.Length);
        Assert.All(names, name => Assert.True(
            name == "error.type" || name.StartsWith("gen_ai.", StringComparison.Ordinal) || name.StartsWith("recursivemas.", StringComparison.Ordinal), name));
        Assert.Equal(("RecursiveMas", "1.41.0"), (MasTelemetry.SourceName, MasTelemetry.ConventionVersion));
    }

    private static IEnumerable<string> Tags(Activity span) => span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal);

    /// <summary>The tiny system under a name of its own, so that what others report meanwhile is told apart.</summary>
    private static Task<MasSystem> RenamedAsync(MasSystem tiny)
    {
        var options = new MasOptions();
        foreach ((string role, IAgent agent) in tiny.Agents)
            options.Agents.Add(role, agent);
        foreach ((string edge, IRecursiveLink link) in tiny.Links)
            options.Links.Add(edge, link);
        return MasSystem.LoadAsync(tiny.Style with { Name = Name }, folder: null, options);
    }

    /// <summary>A writer alone.</summary>
    private static Task<MasSystem> AloneAsync(IAgent writer, Action<MasOptions>? configure = null)
    {
        var options = new MasOptions { Rounds = 1, Channel = MasChannel.Text, Agents = { ["writer"] = writer } };
        configure?.Invoke(options);
        var definition = new StyleDefinition
        {
            Name = Name,
            Description = "A writer alone.",
            Graph = new MasGraph([["writer"]], [], "writer"),
            Prompts = new Prompts(),
        };
        return MasSystem.LoadAsync(definition, folder: null, options);
    }

    private sealed class Prompts : IPromptSource
    {
        public AgentPrompt GetPrompt(string agent, int round, MasQuestion question) =>
            new("You write.", [PromptPart.Text("Write: "), PromptPart.Given(question.Text)]);
    }
}
