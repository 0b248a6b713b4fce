using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>What a judge says of an answer.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JudgedAnswer>))]
public enum JudgedAnswer
{
    /// <summary>It says the same as the gold answer.</summary>
    Right,

    /// <summary>It does not.</summary>
    Wrong,

    /// <summary>The judge cannot tell, or what it says cannot be read. Never counts as right.</summary>
    Undecided,
}

/// <summary>The verdict of a judge.</summary>
/// <param name="Answer">What it says of the answer.</param>
/// <param name="Reply">Its words, for people; empty if there are none.</param>
public sealed record JudgeVerdict(JudgedAnswer Answer, string Reply = "");

/// <summary>
/// Tells whether a short text names the same thing as another in other words, which no rule can: a second opinion beside exact match for questions of search.
/// </summary>
/// <remarks>Safe for concurrent calls.</remarks>
public interface IAnswerJudge
{
    /// <summary>What tells its verdicts apart from those of other judges, such as the name of a model; part of what a run is made of.</summary>
    string Name { get; }

    /// <summary>Judges an answer.</summary>
    /// <param name="question">The question, with its gold answer.</param>
    /// <param name="answer">The answer that was read from a text, or the text itself where none can be read. Untrusted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AnswerJudgeException">Nothing can be judged at present; the run ends, and goes on from there when it is started again.</exception>
    Task<JudgeVerdict> JudgeAsync(EvaluationQuestion question, string answer, CancellationToken cancellationToken = default);
}
