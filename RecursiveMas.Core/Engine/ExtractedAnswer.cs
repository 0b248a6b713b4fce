using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>Where in a text an answer was found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerSource>))]
public enum AnswerSource
{
    /// <summary>In a box: <c>\boxed{…}</c>.</summary>
    Box,

    /// <summary>Behind a phrase such as "Final Answer:" or "the answer is".</summary>
    Phrase,

    /// <summary>In a block of code.</summary>
    CodeBlock,

    /// <summary>The whole text is the answer.</summary>
    WholeText,
}

/// <summary>The answer that a text commits to.</summary>
/// <param name="Value">
/// The answer: content of the box or what stands behind the phrase, a letter A to D in upper case, code, or the whole text. Read strictly, without bold marks,
/// mathematics delimiters and a full stop around it.
/// </param>
/// <param name="Source">Where it was found.</param>
public sealed record ExtractedAnswer(string Value, AnswerSource Source);
