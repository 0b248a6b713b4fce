namespace RecursiveMas;

/// <summary>
/// Settings of questions: as members of <see cref="MasOptions"/> those of every question of a system, as members of <see cref="AskOptions"/> those of
/// one call.
/// </summary>
/// <remarks>
/// A member that is null is not given: what a call does not give comes from its system's options, and what they do not give is as the system was published.
/// Values out of range raise <see cref="InvalidOptionException"/> where the options are used; the exception names the member.
/// </remarks>
public abstract record RunOptions
{
    private protected RunOptions()
    {
    }

    /// <summary>Rounds, at least 1. Default: as published.</summary>
    public int? Rounds { get; set; }

    /// <summary>Latent steps of each rollout, at least 0. Default: as published.</summary>
    public int? LatentSteps { get; set; }

    /// <summary>Maximum number of tokens of each text, at least 1. Default: as published.</summary>
    public int? MaxNewTokens { get; set; }

    /// <summary>How tokens are chosen; what it does not give comes, member by member, from where the other settings come from. Default: as published.</summary>
    public SamplingOptions? Sampling { get; set; }

    /// <summary>Seed, which makes drawn texts repeatable on the same machine. Default: a new one for each text.</summary>
    public long? Seed { get; set; }

    /// <summary>
    /// The answer ends as soon as it contains one of these, which is not part of it; no answer pass follows then. Default: null, none.
    /// </summary>
    public IReadOnlyList<string>? StopSequences { get; set; }

    /// <summary>What agents pass to each other. Default: null, latent vectors.</summary>
    public MasChannel? Channel { get; set; }

    /// <summary>
    /// Whether a writer whose text contains no answer is asked for one in an answer pass of a few tokens (256 for code). Never for <see cref="TaskKind.Free"/>.
    /// Default: yes if the prompts define an addition for it, as those of the released systems do.
    /// </summary>
    public bool? AnswerPass { get; set; }

    /// <summary>
    /// Maximum number of tokens of an answer pass, at least 1. With <see cref="MasCompatibility.Reference"/> code gets at least 256. Default: as published,
    /// 16, and 256 for code.
    /// </summary>
    public int? AnswerPassTokens { get; set; }

    /// <summary>
    /// The variable <c>enable_thinking</c> of chat templates, the same for every prompt of every agent. Templates that do not know it, as that of
    /// Qwen2.5, print the same prompts either way; that of Qwen3 leaves out the empty think block at their ends. Agents that are no local models do not see
    /// it. Default: false, as published.
    /// </summary>
    /// <remarks>
    /// No released system was trained with it. Where it lets the writer think aloud, <see cref="MaxNewTokens"/> counts these tokens, too, and answers are
    /// read from what stands behind the end of the think block.
    /// </remarks>
    public bool? EnableThinking { get; set; }

    /// <summary>
    /// Whether telemetry holds what was asked, read and written, see <see cref="MasTelemetry"/>. Default: null, no; names, numbers and times only.
    /// </summary>
    public bool? TelemetryContent { get; set; }

    /// <summary>
    /// Tokens that the trace names for each latent vector, at least 0: those that the thinking agent's output head finds most likely. Default: 0, none.
    /// </summary>
    public int? ReadOutTokens { get; set; }

    /// <summary>
    /// Tools that agents may call while they write, for example <see cref="PythonTool"/> and <see cref="SearchTool"/> for the writer of "deliberation", whose
    /// prompts speak of both. Default: null, none.
    /// </summary>
    public ToolOptions? Tools { get; set; }
}
