using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How a session writes and when it stops.</summary>
public sealed record WriteOptions
{
    /// <summary>Maximum number of tokens to write, at least 1.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>How to choose tokens. Default: what the agent's checkpoint says.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public SamplingOptions Sampling { get; init => field = Given.NotNull(value, nameof(Sampling)); } = new();

    /// <summary>
    /// Makes draws repeatable: the same seed and <see cref="Key"/> give the same draws, whatever else is written at the same time. Default: null, a
    /// new one for each text.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>
    /// Distinguishes this text from others with the same seed, for example by the question's id; it determines the random numbers. Default: empty.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Key { get; init => field = Given.NotNull(value, nameof(Key)); } = "";

    /// <summary>Writing stops as soon as the text contains one of these. Streamed text never shows a part of one. Default: none.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<string> StopSequences { get; init => field = Given.NotNull(value, nameof(StopSequences)); } = [];

    /// <summary>Makes a rule for the text that may end it, too. Default: null, none.</summary>
    public Func<IStopRule>? StopRule { get; init; }
}

/// <summary>Why a text ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FinishReason>))]
public enum FinishReason
{
    /// <summary>The agent wrote its end-of-sequence token.</summary>
    EndOfSequence,

    /// <summary>The maximum number of tokens was written.</summary>
    MaxNewTokens,

    /// <summary>A stop sequence was written.</summary>
    StopSequence,

    /// <summary><see cref="WriteOptions.StopRule"/> ended the text.</summary>
    StopRule,
}

/// <summary>A whole text that an agent wrote.</summary>
/// <param name="Text">The text without special tokens, up to its stop sequence if there was one.</param>
/// <param name="TokenIds">The new token ids, an end-of-sequence token and those of a stop sequence included.</param>
/// <param name="Finish">Why the text ended.</param>
public sealed record WrittenText(string Text, IReadOnlyList<int> TokenIds, FinishReason Finish)
{
    /// <summary>The stop sequence that ended the text; null if none did.</summary>
    public string? StopSequence { get; init; }

    /// <summary>How many tokens were written, where an agent knows their number but not the tokens. Default: null, as many as <see cref="TokenIds"/>.</summary>
    public int? TokenCount { get; init; }

    /// <summary>
    /// What the prompt took, for agents that learn it only by writing, as those of a service do. Default: null, nothing beyond what reading reported.
    /// </summary>
    public PromptRead? PromptRead { get; init; }
}

/// <summary>A piece of text as it appears, or the end of it.</summary>
/// <param name="TokenId">The new token; null in the update that ends the text, and where text stands behind no token any more.</param>
/// <param name="Text">New text, possibly empty while a character, or what may be a stop sequence, is incomplete. The pieces joined are the whole text.</param>
/// <param name="Completed">In the last update the whole text, otherwise null.</param>
public sealed record WriteUpdate(int? TokenId, string Text, WrittenText? Completed = null);
