using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>Where in a text an answer was found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerSource>))]
public enum AnswerSource
{
    /// <summary>In a box: <c>\boxed{…}</c>.</summary>
    Box,

    /// <summary>After a phrase such as "Final Answer:" or "the answer is", or below such a heading.</summary>
    Phrase,

    /// <summary>In a block of code.</summary>
    CodeBlock,

    /// <summary>The whole text is the answer, or a line that consists of an option alone.</summary>
    WholeText,

    /// <summary>
    /// In the answer pass: the text contained no answer, so the writer was asked for one. Such an answer is less reliable than one that the writer gave
    /// unprompted.
    /// </summary>
    AnswerPass,
}

/// <summary>The answer found in a text.</summary>
/// <param name="Value">
/// The answer: the content of the box, what follows the phrase, a letter in upper case, code, or the whole text. Read strictly, without bold marks,
/// mathematics delimiters and a full stop around it, and nothing after the value.
/// </param>
/// <param name="Source">Where it was found.</param>
public sealed record ExtractedAnswer(string Value, AnswerSource Source);
