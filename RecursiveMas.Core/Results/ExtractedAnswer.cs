using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>Where in a text an answer was found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerSource>))]
public enum AnswerSource
{
    /// <summary>In a box: <c>\boxed{…}</c>.</summary>
    Box,

    /// <summary>Behind a phrase such as "Final Answer:" or "the answer is", or below such a heading.</summary>
    Phrase,

    /// <summary>In a block of code.</summary>
    CodeBlock,

    /// <summary>The whole text is the answer, or a line of its own that is nothing but an option.</summary>
    WholeText,

    /// <summary>
    /// In what the writer added when it was sent back because its text held no answer. It was made to commit itself: such an answer counts for less than
    /// one that it gave by itself.
    /// </summary>
    AnswerPass,
}

/// <summary>The answer that a text commits to.</summary>
/// <param name="Value">
/// The answer: content of the box or what stands behind the phrase, a letter in upper case, code, or the whole text. Read strictly, without bold marks,
/// mathematics delimiters and a full stop around it, and not beyond the value.
/// </param>
/// <param name="Source">Where it was found.</param>
public sealed record ExtractedAnswer(string Value, AnswerSource Source);
