using System.Text.Json.Serialization;
using RecursiveMas.Answers;
using RecursiveMas.Checks;

namespace RecursiveMas;

/// <summary>By which rules an answer is looked for in a text.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerExtraction>))]
public enum AnswerExtraction
{
    /// <summary>
    /// As a careful reader does: the last complete box, else an explicit final-answer phrase, in what the agent says to the user (no thinking, no tool
    /// results). What is not a committed answer is none. The default.
    /// </summary>
    Strict,

    /// <summary>As the reference implementation does, its faults included: for comparison with published figures.</summary>
    Reference,
}

/// <summary>Reads answers out of texts.</summary>
public static class AnswerExtractor
{
    /// <summary>Looks for the answer in a text. Takes time in proportion to the length of the text, whatever stands in it.</summary>
    /// <param name="text">What an agent wrote.</param>
    /// <param name="kind">What kind of answer was wanted.</param>
    /// <param name="extraction">By which rules.</param>
    /// <exception cref="ArgumentNullException">There is no text.</exception>
    /// <exception cref="InvalidOptionException">There is no such kind or rules.</exception>
    /// <returns>The answer; null if there is none that can be read. An unreadable choice is null too, never a letter.</returns>
    public static ExtractedAnswer? Extract(string text, TaskKind kind, AnswerExtraction extraction = AnswerExtraction.Strict)
    {
        ArgumentNullException.ThrowIfNull(text);
        Given.Defined(kind, nameof(kind));
        Given.Defined(extraction, nameof(extraction));
        return extraction == AnswerExtraction.Reference ? ReferenceExtraction.From(text, kind) : StrictExtraction.From(text, kind);
    }
}
