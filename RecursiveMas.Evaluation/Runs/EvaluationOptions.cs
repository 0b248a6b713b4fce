using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How a run puts its questions. What is null is as the system was loaded, else as it was published.</summary>
public sealed record EvaluationOptions
{
    /// <summary>
    /// What is run, in this order; the first variant is the one that is meant. Default: the system with its own rounds and latent steps. See
    /// <see cref="EvaluationVariant.Plan"/>.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<EvaluationVariant> Variants { get; init => field = Given.AllNotNull(value, nameof(Variants)); } = [];

    /// <summary>
    /// Answers to each question, at least 1. Thoughts are computed once for all of them; each has a seed of its own, <see cref="Seed"/> and up.
    /// Default: 1.
    /// </summary>
    /// <exception cref="InvalidOptionException">The value is less than 1.</exception>
    public int Rollouts { get; init => field = Given.AtLeast(1, value, nameof(Rollouts)); } = 1;

    /// <summary>
    /// Seed of the first answers. Together with a question's id it determines the question's random numbers, whatever runs beside it. Default: 42.
    /// </summary>
    public long Seed { get; init; } = 42;

    /// <summary>Questions at once, at least 1; not more than the system's <see cref="MasOptions.MaxConcurrency"/>. Default: 8.</summary>
    /// <exception cref="InvalidOptionException">The value is less than 1.</exception>
    public int BatchSize { get; init => field = Given.AtLeast(1, value, nameof(BatchSize)); } = 8;

    /// <summary>Maximum number of tokens of each text.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions? Sampling { get; init; }

    /// <summary>Whether a text without an answer is followed by an answer pass.</summary>
    public bool? AnswerPass { get; init; }

    /// <summary>Maximum number of tokens of an answer pass, at least 1.</summary>
    /// <exception cref="InvalidOptionException">The value is less than 1.</exception>
    public int? AnswerPassTokens { get; init => field = value is { } tokens ? Given.AtLeast(1, tokens, nameof(AnswerPassTokens)) : null; }

    /// <summary>The variable <c>enable_thinking</c> of chat templates, see <see cref="RunOptions.EnableThinking"/>.</summary>
    public bool? EnableThinking { get; init; }

    /// <summary>Tools that agents may call while they write. What tells them apart is in the manifest by name only.</summary>
    public ToolOptions? Tools { get; init; }

    /// <summary>Tries programs; needed where a question asks for one.</summary>
    public ICodeJudge? CodeJudge { get; init; }

    /// <summary>
    /// Gives a second opinion on every answer to a question whose answers are compared as texts (<see cref="AnswerComparison.Text"/>), as those of Bamboogle
    /// and HotpotQA are. It stands beside both scorers' verdicts and changes neither. Default: none.
    /// </summary>
    public IAnswerJudge? AnswerJudge { get; init; }

    /// <summary>
    /// Receives, for people, what each agent read with markers for what others handed over, what was answered and how it was judged: a question at a time, in
    /// the order in which they are done, and totals behind each variant. It is called by one thread at a time, flushed after each question, and stays the
    /// caller's. Questions that an earlier session of the run has asked are not repeated. Default: none.
    /// </summary>
    public TextWriter? Log { get; init; }

    /// <summary>
    /// Prompts of the baseline <see cref="EvaluationMethod.Alone"/>. Default: the writer's own system text, the question, and one sentence that asks for the
    /// form of the answer.
    /// </summary>
    public IPromptSource? AlonePrompts { get; init; }
}
