using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>How the answers to a set of questions are compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerComparison>))]
public enum AnswerComparison
{
    /// <summary>Values of mathematics, as in MATH-500 and AIME.</summary>
    Mathematics,

    /// <summary>
    /// Numbers of word problems, as in GSM8K. The reference compares them as texts; strictly they are values. The gold answer stands behind "####".
    /// </summary>
    WordProblem,

    /// <summary>Letters, as in GPQA and MedQA.</summary>
    Choice,

    /// <summary>Names, dates and short texts, as in Bamboogle and HotpotQA.</summary>
    Text,
}

/// <summary>Whether two answers are the same.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerAgreement>))]
public enum AnswerAgreement
{
    /// <summary>The same.</summary>
    Equal,

    /// <summary>Not the same.</summary>
    Different,

    /// <summary>It takes more than these rules to tell; counts as wrong.</summary>
    Undecided,

    /// <summary>There is no answer that can be read; counts as wrong.</summary>
    Unparsed,

    /// <summary>The gold answer is none, a fault of the data: empty, or no letter of a choice. Counts as wrong.</summary>
    NoGold,
}

/// <summary>What one scorer says of one answer.</summary>
public sealed record ScoreVerdict
{
    /// <summary>Whether the answer counts as right.</summary>
    public required bool Correct { get; init; }

    /// <summary>Why: <see cref="AnswerAgreement.Equal"/> if it is right.</summary>
    public required AnswerAgreement Agreement { get; init; }

    /// <summary>The answer that was compared; null if none can be read.</summary>
    public required string? Answer { get; init; }

    /// <summary>Where it was found; null if it was not.</summary>
    public AnswerSource? Source { get; init; }

    /// <summary>What it was compared with.</summary>
    public required string Gold { get; init; }

    /// <summary>The rule that decided: of the reference implementation the name of its strategy, empty if none applied.</summary>
    public required string Rule { get; init; }

    /// <summary>The normal form of the gold answer under that rule; empty if there is none.</summary>
    public string GoldForm { get; init; } = "";

    /// <summary>The normal form of the answer under that rule; empty if there is none.</summary>
    public string AnswerForm { get; init; } = "";
}

/// <summary>What both scorers say of one answer.</summary>
/// <param name="Reference">As the reference implementation scores, its faults included: for comparison with published figures.</param>
/// <param name="Strict">As a careful reader does: exact values, nothing cut off, nothing guessed.</param>
public sealed record AnswerScore(ScoreVerdict Reference, ScoreVerdict Strict);
