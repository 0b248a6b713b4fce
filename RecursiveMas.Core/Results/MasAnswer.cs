using System.Globalization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What one agent consumed and produced for one question.</summary>
/// <param name="PromptTokens">Positions of prompts over all rounds, spliced vectors included.</param>
/// <param name="LatentVectors">Latent steps taken.</param>
/// <param name="GeneratedTokens">Tokens written.</param>
public sealed record AgentUsage(int PromptTokens, int LatentVectors, int GeneratedTokens)
{
    /// <summary>Nothing used.</summary>
    public static AgentUsage None { get; } = new(0, 0, 0);

    /// <summary>Those of <see cref="PromptTokens"/> that are vectors of other agents and no tokens.</summary>
    public int SplicedVectors { get; init; }

    /// <summary>Those of <see cref="PromptTokens"/> that the agent's session still held and did not have to read again.</summary>
    public int ReusedPositions { get; init; }

    /// <summary>Peak size of the session's cache in bytes; 0 for agents without a cache on this machine.</summary>
    public long CacheBytes { get; init; }

    internal AgentUsage Plus(AgentUsage more) =>
        new(PromptTokens + more.PromptTokens, LatentVectors + more.LatentVectors, GeneratedTokens + more.GeneratedTokens)
    {
        SplicedVectors = SplicedVectors + more.SplicedVectors,
        ReusedPositions = ReusedPositions + more.ReusedPositions,
        CacheBytes = Math.Max(CacheBytes, more.CacheBytes),
    };
}

/// <summary>What a question consumed, by agent.</summary>
/// <param name="ByAgent">Usage of each agent that took part.</param>
public sealed record MasUsage(IReadOnlyDictionary<string, AgentUsage> ByAgent)
{
    /// <summary>Usage of each agent that took part.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyDictionary<string, AgentUsage> ByAgent { get; init => field = Given.NotNull(value, nameof(ByAgent)); } = Given.NotNull(ByAgent);

    /// <summary>Positions of all prompts.</summary>
    public int PromptTokens => ByAgent.Values.Sum(usage => usage.PromptTokens);

    /// <summary>Those of <see cref="PromptTokens"/> that are vectors of other agents and no tokens.</summary>
    public int SplicedVectors => ByAgent.Values.Sum(usage => usage.SplicedVectors);

    /// <summary>Those of <see cref="PromptTokens"/> that sessions still held.</summary>
    public int ReusedPositions => ByAgent.Values.Sum(usage => usage.ReusedPositions);

    /// <summary>Sum of the peak sizes of all agents' caches in bytes.</summary>
    public long CacheBytes => ByAgent.Values.Sum(usage => usage.CacheBytes);

    /// <summary>Latent steps of all agents.</summary>
    public int LatentVectors => ByAgent.Values.Sum(usage => usage.LatentVectors);

    /// <summary>Tokens written by all agents.</summary>
    public int GeneratedTokens => ByAgent.Values.Sum(usage => usage.GeneratedTokens);

    /// <summary>The sums, and what each agent used.</summary>
    public override string ToString() =>
        $"{Line(PromptTokens, LatentVectors, GeneratedTokens)} " +
        $"({string.Join("; ", ByAgent.Select(agent => $"{agent.Key}: {Line(agent.Value)}"))})";

    private static string Line(AgentUsage usage) => Line(usage.PromptTokens, usage.LatentVectors, usage.GeneratedTokens);

    private static string Line(int read, int latent, int written) =>
        string.Create(CultureInfo.InvariantCulture, $"{read} positions read, {latent} latent steps, {written} tokens written");
}

/// <summary>The answer to one question.</summary>
public sealed record MasAnswer
{
    /// <summary>The question.</summary>
    public required MasQuestion Question { get; init; }

    /// <summary>The answer as written, without special tokens and without white space at its ends.</summary>
    public required string Text { get; init; }

    /// <summary>The answer that <see cref="Text"/> commits to; null if none can be read, and for engines without an answer reader.</summary>
    public ExtractedAnswer? Extracted { get; init; }

    /// <summary>
    /// Whether an answer pass took place because the text contained no answer; <see cref="Text"/> then ends with the addition that the writer was given and
    /// what it wrote after that. An answer found only there has the source <see cref="AnswerSource.AnswerPass"/>.
    /// </summary>
    public bool AnswerPassRan { get; init; }

    /// <summary>Token ids that were written, those of the answer pass included.</summary>
    public required IReadOnlyList<int> TokenIds { get; init; }

    /// <summary>Why the text ended, before any answer pass.</summary>
    public required FinishReason Finish { get; init; }

    /// <summary>Number of rounds.</summary>
    public required int Rounds { get; init; }

    /// <summary>Number of latent steps of each rollout.</summary>
    public required int LatentSteps { get; init; }

    /// <summary>What the question consumed.</summary>
    public required MasUsage Usage { get; init; }

    /// <summary>Every hop of the run that produced the answer, in order.</summary>
    public required IReadOnlyList<HopCrossed> Trace { get; init; }

    /// <summary>Every stage of the run that produced the answer with its time, in order of completion.</summary>
    public IReadOnlyList<StageCompleted> Stages { get; init; } = [];

    /// <summary>What became of the tools of the run; null if no agent had any.</summary>
    public ToolUse? Tools { get; init; }

    /// <summary>
    /// Further answers from the same thoughts, one for each of <see cref="RunRequest.AlternativeSeeds"/>, in their order. What they took is theirs and not
    /// part of <see cref="Usage"/>.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<MasAlternative> Alternatives { get; init => field = Given.AllNotNull(value, nameof(Alternatives)); } = [];

    /// <summary>Time of the run that produced the answer, from first prompt to last token.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The answer as written.</summary>
    public override string ToString() => Text;
}
