namespace RecursiveMas;

/// <summary>
/// Every name under which systems report what they do, for <see cref="System.Diagnostics.ActivityListener"/>s and
/// <see cref="System.Diagnostics.Metrics.MeterListener"/>s such as those of OpenTelemetry. Names that begin with "gen_ai" or "error" are those of
/// OpenTelemetry's semantic conventions for generative AI; what these have no word for begins with "recursivemas".
/// </summary>
public static class MasTelemetry
{
    /// <summary>Version of the semantic conventions that the names follow.</summary>
    public const string ConventionVersion = "1.41.0";

    /// <summary>Name of the activity source, and of the meter.</summary>
    public const string SourceName = "RecursiveMas";

    /// <summary>Value of <see cref="Provider"/>.</summary>
    public const string ProviderName = "recursivemas";

    /// <summary>Operation of the span of a question; its name is this and the system's.</summary>
    public const string InvokeWorkflow = "invoke_workflow";

    /// <summary>Operation of the span of an agent in a stage, a child of its question's; its name is this and the agent's.</summary>
    public const string InvokeAgent = "invoke_agent";

    /// <summary>Operation of the span of a tool's call, a child of its agent's; its name is this and the tool's.</summary>
    public const string ExecuteTool = "execute_tool";

    /// <summary>Tag: the operation.</summary>
    public const string Operation = "gen_ai.operation.name";

    /// <summary>Tag: the provider.</summary>
    public const string Provider = "gen_ai.provider.name";

    /// <summary>Tag: name of the system.</summary>
    public const string Workflow = "gen_ai.workflow.name";

    /// <summary>Tag: name of the agent.</summary>
    public const string Agent = "gen_ai.agent.name";

    /// <summary>Tag: name of the system, where the conventions speak of a model.</summary>
    public const string RequestModel = "gen_ai.request.model";

    /// <summary>Tag: why the answer ended: "stop" or "length", in a list.</summary>
    public const string FinishReasons = "gen_ai.response.finish_reasons";

    /// <summary>Tag: tokens read, vectors not counted.</summary>
    public const string InputTokens = "gen_ai.usage.input_tokens";

    /// <summary>Tag: positions of <see cref="InputTokens"/> that a session still held.</summary>
    public const string CachedInputTokens = "gen_ai.usage.cache_read.input_tokens";

    /// <summary>Tag: tokens written.</summary>
    public const string OutputTokens = "gen_ai.usage.output_tokens";

    /// <summary>Tag of <see cref="TokenUsage"/>: "input" or "output".</summary>
    public const string TokenType = "gen_ai.token.type";

    /// <summary>Tag: name of the tool.</summary>
    public const string ToolName = "gen_ai.tool.name";

    /// <summary>Tag: "function".</summary>
    public const string ToolType = "gen_ai.tool.type";

    /// <summary>Tag: type of the exception, or what else went wrong.</summary>
    public const string ErrorType = "error.type";

    /// <summary>Tag, only if contents are asked for: system text and instructions.</summary>
    public const string SystemInstructions = "gen_ai.system_instructions";

    /// <summary>Tag, only if contents are asked for: what was asked, or what an agent read.</summary>
    public const string InputMessages = "gen_ai.input.messages";

    /// <summary>Tag, only if contents are asked for: the answer, or what an agent wrote.</summary>
    public const string OutputMessages = "gen_ai.output.messages";

    /// <summary>Tag, only if contents are asked for: what the agent wrote between a tool's tags.</summary>
    public const string ToolArguments = "gen_ai.tool.call.arguments";

    /// <summary>Tag, only if contents are asked for: what the agent read of a tool's result.</summary>
    public const string ToolResult = "gen_ai.tool.call.result";

    /// <summary>Tag: number of rounds. Histogram: rounds of a question, in {round}.</summary>
    public const string Rounds = "recursivemas.rounds";

    /// <summary>Tag: the round, from 1.</summary>
    public const string Round = "recursivemas.round";

    /// <summary>Tag: what the agent does: "think", "write" a message to other agents, or "answer".</summary>
    public const string Stage = "recursivemas.stage";

    /// <summary>Tag: latent steps taken. Counter: latent steps, in {step}.</summary>
    public const string LatentSteps = "recursivemas.latent_steps";

    /// <summary>Tag: vectors of other agents that stood in a prompt.</summary>
    public const string SplicedVectors = "recursivemas.spliced_vectors";

    /// <summary>Tag: kind of the question.</summary>
    public const string Kind = "recursivemas.kind";

    /// <summary>Tag: what agents pass to each other.</summary>
    public const string Channel = "recursivemas.channel";

    /// <summary>Tag: seconds that a question waited for its place.</summary>
    public const string Waited = "recursivemas.waited";

    /// <summary>Event in the span of a question: something crossed an edge.</summary>
    public const string Hop = "recursivemas.hop";

    /// <summary>Event in the span of an agent: its text held no answer, so that it is asked once more.</summary>
    public const string AnswerPass = "recursivemas.answer_pass";

    /// <summary>Event in the span of an agent: it called a tool once more than it may.</summary>
    public const string ToolLimit = "recursivemas.tool_limit";

    /// <summary>Tag: key of the edge.</summary>
    public const string Edge = "recursivemas.edge";

    /// <summary>Tag: the sender.</summary>
    public const string From = "recursivemas.from";

    /// <summary>Tag: the receiver.</summary>
    public const string To = "recursivemas.to";

    /// <summary>Tag: number of vectors that crossed; 0 for text.</summary>
    public const string Vectors = "recursivemas.vectors";

    /// <summary>Tag: width of the vectors.</summary>
    public const string Width = "recursivemas.width";

    /// <summary>Tag: smallest Euclidean norm of the vectors.</summary>
    public const string SmallestNorm = "recursivemas.norm.smallest";

    /// <summary>Tag: mean Euclidean norm of the vectors.</summary>
    public const string MeanNorm = "recursivemas.norm.mean";

    /// <summary>Tag: largest Euclidean norm of the vectors.</summary>
    public const string LargestNorm = "recursivemas.norm.largest";

    /// <summary>Tag: type of the model, as its configuration names it.</summary>
    public const string ModelType = "recursivemas.model_type";

    /// <summary>Histogram: tokens of an agent for a question, in {token}.</summary>
    public const string TokenUsage = "gen_ai.client.token.usage";

    /// <summary>Histogram: time from a question to the end of its answer, waiting included, in s.</summary>
    public const string RequestDuration = "gen_ai.server.request.duration";

    /// <summary>Histogram: time from a question to the first token of its answer, in s.</summary>
    public const string TimeToFirstToken = "gen_ai.server.time_to_first_token";

    /// <summary>Histogram: time from one token of an answer to the next, in s.</summary>
    public const string TimePerOutputToken = "gen_ai.server.time_per_output_token";

    /// <summary>Histogram: time of an agent's part of a stage, in s.</summary>
    public const string StageDuration = "recursivemas.stage.duration";

    /// <summary>Counter: blocks and texts that crossed edges, in {hop}.</summary>
    public const string Hops = "recursivemas.hops";

    /// <summary>Histogram: mean Euclidean norm of the vectors of a hop, in 1.</summary>
    public const string HopNorm = "recursivemas.hop.norm";

    /// <summary>Histogram: most bytes of an agent's cache for a question, in By.</summary>
    public const string CacheSize = "recursivemas.cache.size";

    /// <summary>Histogram: time of a tool's call, in s.</summary>
    public const string ToolDuration = "recursivemas.tool.duration";

    /// <summary>Up-down counter: questions that run, in {question}.</summary>
    public const string ActiveQuestions = "recursivemas.questions.active";

    /// <summary>Up-down counter: questions that wait for a place, in {question}.</summary>
    public const string QueueLength = "recursivemas.queue.length";

    /// <summary>Histogram: time that a question waited for a place, in s.</summary>
    public const string QueueDuration = "recursivemas.queue.duration";

    /// <summary>Histogram: sessions that shared one step of a model, in {row}.</summary>
    public const string StepRows = "recursivemas.step.rows";

    /// <summary>Histogram: positions that one step of a model read, in {position}.</summary>
    public const string StepPositions = "recursivemas.step.positions";

    /// <summary>Histogram: time of one step of a model, its links and samplers included, in s.</summary>
    public const string StepDuration = "recursivemas.step.duration";
}
