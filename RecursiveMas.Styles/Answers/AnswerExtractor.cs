using System.Text.Json.Serialization;
using RecursiveMas.Answers;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>The rules by which an answer is read from a text.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerExtraction>))]
public enum AnswerExtraction
{
    /// <summary>
    /// As a careful reader does, in what the agent says to the user (no thinking, no tool results): the last box that holds something, else the last
    /// phrase or heading that commits to an answer; for code, the block that defines what was asked for. An answer that is denied,
    /// assumed, guessed, asked for or withdrawn does not count. The default.
    /// </summary>
    Strict,

    /// <summary>As the reference implementation does, its faults included: for comparison with published figures.</summary>
    Reference,
}

/// <summary>Reads answers from texts.</summary>
public static class AnswerExtractor
{
    /// <summary>
    /// Looks for the answer to a question in a text. Takes time in proportion to the length of the text, whatever stands in it. Read strictly, letters
    /// beyond D count if the question offers them, and of several blocks of code the one counts that defines the function asked for.
    /// </summary>
    /// <param name="text">What an agent wrote.</param>
    /// <param name="question">The question.</param>
    /// <param name="extraction">The rules to read by.</param>
    /// <exception cref="ArgumentNullException">There is no text or no question.</exception>
    /// <exception cref="InvalidOptionException">The question has no such kind, or there are no such rules.</exception>
    /// <returns>The answer; null if there is none that can be read. An unreadable choice is null too, never a letter.</returns>
    public static ExtractedAnswer? Extract(string text, MasQuestion question, AnswerExtraction extraction = AnswerExtraction.Strict)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(question.Text, nameof(question));
        Given.Defined(question.Kind, nameof(question.Kind));
        Given.Defined(extraction, nameof(extraction));
        return extraction == AnswerExtraction.Reference ? ReferenceExtraction.From(text, question.Kind) : StrictExtraction.From(text, question);
    }

    /// <summary>Looks for the answer in a text whose question is not at hand: letters are A to D, and no function is asked for.</summary>
    /// <param name="text">What an agent wrote.</param>
    /// <param name="kind">The kind of answer that was wanted.</param>
    /// <param name="extraction">The rules to read by.</param>
    /// <exception cref="ArgumentNullException">There is no text.</exception>
    /// <exception cref="InvalidOptionException">There is no such kind or rules.</exception>
    /// <returns>The answer; null if there is none that can be read. An unreadable choice is null too, never a letter.</returns>
    public static ExtractedAnswer? Extract(string text, TaskKind kind, AnswerExtraction extraction = AnswerExtraction.Strict)
    {
        Given.Defined(kind, nameof(kind));
        return Extract(text, new MasQuestion("") { Kind = kind }, extraction);
    }
}
