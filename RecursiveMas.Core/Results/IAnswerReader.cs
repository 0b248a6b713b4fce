using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How a writer continues a text that contains no answer.</summary>
/// <param name="Addition">What is appended to the text, on a new line.</param>
/// <param name="MaxNewTokens">Maximum number of tokens to write.</param>
/// <param name="InConversation">Whether the writer sees its whole prompt again, or nothing but its own text and the addition.</param>
public sealed record AnswerContinuation(string Addition, int MaxNewTokens, bool InConversation)
{
    /// <summary>What is appended to the text, on a new line.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Addition { get; init => field = Given.NotNull(value, nameof(Addition)); } = Given.NotNull(Addition);
}

/// <summary>Reads the answers of finished texts and decides whether an answer pass follows.</summary>
public interface IAnswerReader
{
    /// <summary>The answer in a text; null if there is none.</summary>
    ExtractedAnswer? Read(MasQuestion question, string text);

    /// <summary>How the writer continues a text; null if it is finished.</summary>
    AnswerContinuation? Continue(MasQuestion question, string text);

    /// <summary>The answer after the continuation, marked as <see cref="AnswerSource.AnswerPass"/> if it was not there before.</summary>
    /// <param name="question">The question.</param>
    /// <param name="text">The whole text: what was there before, a line break, and the end of it.</param>
    /// <param name="added">The end of it: the addition and what was written behind it.</param>
    ExtractedAnswer? ReadContinued(MasQuestion question, string text, string added);
}
