namespace RecursiveMas;

/// <summary>Names of the additional properties of requests, updates and responses, and of additional counts of usage.</summary>
public static class MasChatProperties
{
    /// <summary>Request: kind of the question, a name of <see cref="TaskKind"/>.</summary>
    public const string Kind = "recursivemas.kind";

    /// <summary>Request: number of rounds. Update of a stage: number of rounds of the run.</summary>
    public const string Rounds = "recursivemas.rounds";

    /// <summary>Request: latent steps of each rollout. Usage: latent steps of all agents; they are no tokens.</summary>
    public const string LatentSteps = "recursivemas.latent_steps";

    /// <summary>Request: what agents pass to each other, a name of <see cref="MasChannel"/>.</summary>
    public const string Channel = "recursivemas.channel";

    /// <summary>Request: whether a text without an answer is followed up.</summary>
    public const string AnswerPass = "recursivemas.answer_pass";

    /// <summary>Request: most tokens of that, see <see cref="RunOptions.AnswerPassTokens"/>.</summary>
    public const string AnswerPassTokens = "recursivemas.answer_pass_tokens";

    /// <summary>Request: the variable of chat templates, see <see cref="RunOptions.EnableThinking"/>.</summary>
    public const string EnableThinking = "recursivemas.enable_thinking";

    /// <summary>Request: identifies the question; together with a seed it determines its random numbers.</summary>
    public const string QuestionId = "recursivemas.question_id";

    /// <summary>Request: for code, name of the function that is wanted.</summary>
    public const string FunctionName = "recursivemas.function_name";

    /// <summary>Request: for code, whether a whole program is wanted.</summary>
    public const string WholeProgram = "recursivemas.whole_program";

    /// <summary>Update: what happened: stage_started, latent_step, hop, stage_completed, token, tool_call_started, tool_call_completed, answer.</summary>
    public const string Event = "recursivemas.event";

    /// <summary>Update: the agent that acted.</summary>
    public const string Role = "recursivemas.role";

    /// <summary>Update: the round, from 1.</summary>
    public const string Round = "recursivemas.round";

    /// <summary>Update: what the agent does: "think", "write" a message to other agents, or "answer".</summary>
    public const string Stage = "recursivemas.stage";

    /// <summary>Update of a latent step: its number, from 1.</summary>
    public const string Step = "recursivemas.step";

    /// <summary>Update of a latent step: number of steps of the rollout.</summary>
    public const string Steps = "recursivemas.steps";

    /// <summary>Update of a completed stage or call: seconds that it took.</summary>
    public const string Seconds = "recursivemas.seconds";

    /// <summary>Update of a hop: the receiver.</summary>
    public const string To = "recursivemas.to";

    /// <summary>Update of a hop: key of the edge.</summary>
    public const string Edge = "recursivemas.edge";

    /// <summary>Update of a hop: number of vectors that crossed; 0 for text.</summary>
    public const string Vectors = "recursivemas.vectors";

    /// <summary>Update of a hop: width of the vectors.</summary>
    public const string Width = "recursivemas.width";

    /// <summary>Update of a hop: mean Euclidean norm of the vectors.</summary>
    public const string MeanNorm = "recursivemas.mean_norm";

    /// <summary>Update of a tool's call: name of the tool.</summary>
    public const string Tool = "recursivemas.tool";

    /// <summary>Update of a tool's call: its number within the text, from 1.</summary>
    public const string Call = "recursivemas.call";

    /// <summary>Last update and response: the answer that the text commits to. Absent if none can be read.</summary>
    public const string Extracted = "recursivemas.extracted";

    /// <summary>Last update and response: where the answer was found, a name of <see cref="AnswerSource"/>.</summary>
    public const string ExtractedSource = "recursivemas.extracted_source";

    /// <summary>Usage: vectors of other agents that stood in prompts; they are no tokens.</summary>
    public const string SplicedVectors = "recursivemas.spliced_vectors";

    /// <summary>What a request may hold.</summary>
    internal static IReadOnlyList<string> OfRequests { get; } =
        [Kind, Rounds, LatentSteps, Channel, AnswerPass, AnswerPassTokens, EnableThinking, QuestionId, FunctionName, WholeProgram];
}
