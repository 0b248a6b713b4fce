using System.Diagnostics;
using System.Text;

namespace RecursiveMas.Telemetry;

/// <summary>Reports one run: a span for the question, one for each agent in each stage, one for each call of a tool, and measurements.</summary>
/// <remarks>Made only where somebody listens. Told of the run's events one at a time, as every listener is.</remarks>
internal sealed class RunTelemetry
{
    private static readonly ActivitySource s_source = new(MasTelemetry.SourceName, RunMetrics.Version);

    private readonly RunRequest _request;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Activity? _question;
    private readonly Dictionary<string, AgentStage> _stages = new(StringComparer.Ordinal);
    private TimeSpan? _firstToken, _lastToken;

    private RunTelemetry(RunRequest request)
    {
        _request = request;
        if (!s_source.HasListeners())
            return;
        _question = s_source.StartActivity(
            $"{MasTelemetry.InvokeWorkflow} {System}", ActivityKind.Internal, parentContext: default, Tags(MasTelemetry.InvokeWorkflow), links: null,
            DateTimeOffset.UtcNow - request.Waited);
        if (_question is not { IsAllDataRequested: true })
            return;
        _question.SetTag(MasTelemetry.RequestModel, System);
        _question.SetTag(MasTelemetry.Rounds, request.Rounds);
        _question.SetTag(MasTelemetry.LatentSteps, request.LatentSteps);
        _question.SetTag(MasTelemetry.Kind, request.Question.Kind.ToString());
        _question.SetTag(MasTelemetry.Channel, request.Channel.ToString());
        _question.SetTag(MasTelemetry.Waited, request.Waited.TotalSeconds);
        if (!request.TelemetryContent)
            return;
        _question.SetTag(MasTelemetry.InputMessages, MessageText.Of(request.Question));
        if (request.Question.Instructions is { } instructions)
            _question.SetTag(MasTelemetry.SystemInstructions, MessageText.OfInstructions(instructions));
    }

    private string System => _request.System ?? "";

    /// <summary>Time since the question was asked.</summary>
    private TimeSpan Elapsed => _request.Waited + Stopwatch.GetElapsedTime(_started);

    /// <summary>Begins to report a run; null if nobody listens.</summary>
    public static RunTelemetry? Begin(RunRequest request) => s_source.HasListeners() || RunMetrics.AreEnabled ? new RunTelemetry(request) : null;

    /// <summary>Notes what an agent is about to read.</summary>
    public void Read(string agent, AgentPrompt prompt)
    {
        if (!_request.TelemetryContent || Span(agent) is not { IsAllDataRequested: true } span)
            return;
        span.SetTag(MasTelemetry.InputMessages, MessageText.Of(prompt));
        string system = string.Join("\n\n", new[] { prompt.System, prompt.Instructions }.Where(text => !string.IsNullOrEmpty(text)));
        if (system.Length > 0)
            span.SetTag(MasTelemetry.SystemInstructions, MessageText.OfInstructions(system));
    }

    public void Tell(MasUpdate update)
    {
        switch (update)
        {
            case StageStarted stage:
                Start(stage);
                break;
            case StageCompleted stage:
                Complete(stage);
                break;
            case TokenWritten token:
                Write(token);
                break;
            case HopCrossed hop:
                Cross(hop);
                break;
            case ToolCallStarted call:
                Start(call);
                break;
            case ToolCallCompleted call:
                Complete(call);
                break;
            case ToolLimitReached limit:
                Span(limit.Agent)?.AddEvent(new ActivityEvent(MasTelemetry.ToolLimit));
                break;
            case AnswerPassStarted pass:
                Span(pass.Agent)?.AddEvent(new ActivityEvent(MasTelemetry.AnswerPass));
                break;
        }
    }

    /// <summary>The run has ended with an answer.</summary>
    public void Complete(MasAnswer answer)
    {
        TagList tags = OfServer();
        RunMetrics.RequestDuration.Record(Elapsed.TotalSeconds, tags);
        RunMetrics.Rounds.Record(answer.Rounds, OfSystem());
        if (_firstToken is { } first)
            RunMetrics.TimeToFirstToken.Record(first.TotalSeconds, tags);
        if (_lastToken - _firstToken is { } writing && answer.TokenIds.Count > 1)
            RunMetrics.TimePerOutputToken.Record(writing.TotalSeconds / (answer.TokenIds.Count - 1), tags);
        foreach ((string agent, AgentUsage usage) in answer.Usage.ByAgent)
            Measure(agent, usage);
        if (_question is { IsAllDataRequested: true })
        {
            string finish = answer.Finish == FinishReason.MaxNewTokens ? "length" : "stop";
            SetUsage(_question, answer.Usage.PromptTokens - answer.Usage.SplicedVectors, answer.Usage.ReusedPositions, answer.Usage.GeneratedTokens);
            _question.SetTag(MasTelemetry.SplicedVectors, answer.Usage.SplicedVectors);
            _question.SetTag(MasTelemetry.FinishReasons, new[] { finish });
            if (_request.TelemetryContent)
                _question.SetTag(MasTelemetry.OutputMessages, MessageText.Of(answer.Text, finish));
        }

        _question?.Dispose();
    }

    /// <summary>The run has failed or was cancelled.</summary>
    public void Fail(Exception error)
    {
        string type = error.GetType().FullName!;
        TagList tags = OfServer();
        tags.Add(MasTelemetry.ErrorType, type);
        RunMetrics.RequestDuration.Record(Elapsed.TotalSeconds, tags);
        foreach (Activity? span in _stages.Values.SelectMany(stage => new[] { stage.Tool, stage.Span }).Append(_question))
        {
            // A message may hold what was asked.
            span?.SetTag(MasTelemetry.ErrorType, type).SetStatus(ActivityStatusCode.Error, _request.TelemetryContent ? error.Message : null);
            span?.Dispose();
        }
    }

    private void Start(StageStarted stage)
    {
        string action = stage.WritesAnswer ? "answer" : stage.Action == StageAction.Think ? "think" : "write";
        Activity? span = null;
        if (_question is not null)
        {
            // What the agent does from here on, a request of a tool for example, belongs to this span.
            span = s_source.StartActivity(
                $"{MasTelemetry.InvokeAgent} {stage.Agent}", ActivityKind.Internal, _question.Context, Tags(MasTelemetry.InvokeAgent));
            span?.SetTag(MasTelemetry.Agent, stage.Agent);
            span?.SetTag(MasTelemetry.Round, stage.Round);
            span?.SetTag(MasTelemetry.Stage, action);
        }

        _stages[stage.Agent] = new AgentStage(span, action);
    }

    private void Complete(StageCompleted completed)
    {
        if (!_stages.Remove(completed.Agent, out AgentStage? stage))
            return;
        AgentUsage usage = completed.Usage;
        TagList tags = OfAgent(completed.Agent);
        RunMetrics.LatentSteps.Add(usage.LatentVectors, tags);
        tags.Add(MasTelemetry.Stage, stage.Action);
        RunMetrics.StageDuration.Record(completed.Duration.TotalSeconds, tags);
        if (stage.Span is { IsAllDataRequested: true } span)
        {
            SetUsage(span, usage.PromptTokens - usage.SplicedVectors, usage.ReusedPositions, usage.GeneratedTokens);
            span.SetTag(MasTelemetry.LatentSteps, usage.LatentVectors);
            span.SetTag(MasTelemetry.SplicedVectors, usage.SplicedVectors);
            if (_request.TelemetryContent && stage.Text.Length > 0)
                span.SetTag(MasTelemetry.OutputMessages, MessageText.Of(stage.Text.ToString(), null));
        }

        stage.Span?.Dispose();
    }

    private void Write(TokenWritten token)
    {
        if (!_stages.TryGetValue(token.Agent, out AgentStage? stage))
            return;
        if (_request.TelemetryContent)
            stage.Text.Append(token.Text);
        if (stage.Action == "answer")
        {
            _lastToken = Elapsed;
            _firstToken ??= _lastToken;
        }
    }

    private void Cross(HopCrossed hop)
    {
        TagList tags = OfSystem();
        tags.Add(MasTelemetry.Edge, hop.Edge);
        RunMetrics.Hops.Add(1, tags);
        if (hop.Dtype is not null)
            RunMetrics.HopNorm.Record(hop.MeanNorm, tags);
        if (_question is not { IsAllDataRequested: true })
            return;
        _question.AddEvent(new ActivityEvent(MasTelemetry.Hop, tags: new ActivityTagsCollection
        {
            [MasTelemetry.Edge] = hop.Edge,
            [MasTelemetry.From] = hop.Agent,
            [MasTelemetry.To] = hop.To,
            [MasTelemetry.Round] = hop.Round,
            [MasTelemetry.Vectors] = hop.Shape[0],
            [MasTelemetry.Width] = hop.Shape[1],
            [MasTelemetry.SmallestNorm] = hop.SmallestNorm,
            [MasTelemetry.MeanNorm] = hop.MeanNorm,
            [MasTelemetry.LargestNorm] = hop.LargestNorm,
        }));
    }

    private void Start(ToolCallStarted call)
    {
        if (!_stages.TryGetValue(call.Agent, out AgentStage? stage) || stage.Span is null)
            return;
        stage.Tool = s_source.StartActivity(
            $"{MasTelemetry.ExecuteTool} {call.Tool}", ActivityKind.Internal, stage.Span.Context, Tags(MasTelemetry.ExecuteTool));
        stage.Tool?.SetTag(MasTelemetry.Agent, call.Agent);
        stage.Tool?.SetTag(MasTelemetry.ToolName, call.Tool);
        stage.Tool?.SetTag(MasTelemetry.ToolType, "function");
        if (_request.TelemetryContent)
            stage.Tool?.SetTag(MasTelemetry.ToolArguments, call.Input);
    }

    private void Complete(ToolCallCompleted call)
    {
        string? fault = call.TimedOut ? "timeout" : call.Error is not null ? "tool_error" : null;
        TagList tags = OfAgent(call.Agent);
        tags.Add(MasTelemetry.ToolName, call.Tool);
        if (fault is not null)
            tags.Add(MasTelemetry.ErrorType, fault);
        RunMetrics.ToolDuration.Record(call.Duration.TotalSeconds, tags);
        if (!_stages.TryGetValue(call.Agent, out AgentStage? stage) || stage.Tool is not { } span)
            return;
        if (fault is not null)
            span.SetTag(MasTelemetry.ErrorType, fault).SetStatus(ActivityStatusCode.Error);
        if (_request.TelemetryContent)
            span.SetTag(MasTelemetry.ToolResult, call.Output);
        span.Dispose();
        stage.Tool = null;
    }

    private void Measure(string agent, AgentUsage usage)
    {
        if (usage.CacheBytes > 0)
            RunMetrics.CacheSize.Record(usage.CacheBytes, OfAgent(agent));
        foreach ((string type, int tokens) in new[] { ("input", usage.PromptTokens - usage.SplicedVectors), ("output", usage.GeneratedTokens) })
        {
            if (tokens == 0)
                continue;
            TagList tags = OfServer(MasTelemetry.InvokeAgent);
            tags.Add(MasTelemetry.Agent, agent);
            tags.Add(MasTelemetry.TokenType, type);
            RunMetrics.TokenUsage.Record(tokens, tags);
        }
    }

    private static void SetUsage(Activity span, int input, int reused, int output)
    {
        span.SetTag(MasTelemetry.InputTokens, input);
        span.SetTag(MasTelemetry.CachedInputTokens, Math.Min(reused, input));
        span.SetTag(MasTelemetry.OutputTokens, output);
    }

    private Activity? Span(string agent) => _stages.GetValueOrDefault(agent)?.Span;

    private TagList Tags(string operation) =>
        [new(MasTelemetry.Operation, operation), new(MasTelemetry.Provider, MasTelemetry.ProviderName), new(MasTelemetry.Workflow, System)];

    private TagList OfServer(string operation = MasTelemetry.InvokeWorkflow) => [.. Tags(operation), new(MasTelemetry.RequestModel, System)];

    private TagList OfSystem() => [new(MasTelemetry.Workflow, System)];

    private TagList OfAgent(string agent) => [new(MasTelemetry.Workflow, System), new(MasTelemetry.Agent, agent)];

    /// <summary>An agent at work.</summary>
    private sealed class AgentStage(Activity? span, string action)
    {
        public Activity? Span => span;

        public string Action => action;

        /// <summary>The call of a tool that runs.</summary>
        public Activity? Tool { get; set; }

        /// <summary>What the agent has written, if contents are asked for.</summary>
        public StringBuilder Text { get; } = new();
    }
}
