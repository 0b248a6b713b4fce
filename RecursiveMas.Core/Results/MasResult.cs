using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text.Json.Serialization;
using RecursiveMas.Serialization;

namespace RecursiveMas;

/// <summary>The outcome of one of many questions: its answer or its error.</summary>
public sealed record MasResult
{
    /// <summary>The question's place in the call, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The question as it was asked.</summary>
    public required MasQuestion Question { get; init; }

    /// <summary>The answer; null if the question failed.</summary>
    public MasAnswer? Answer { get; init; }

    /// <summary>What went wrong; null if the question was answered.</summary>
    [JsonConverter(typeof(ErrorConverter))]
    public RecursiveMasException? Error { get; init; }

    /// <summary>Whether the question was answered.</summary>
    [MemberNotNullWhen(true, nameof(Answer))]
    public bool Succeeded => Answer is not null;

    /// <summary>Returns the answer, or throws if the question failed.</summary>
    /// <exception cref="RecursiveMasException">The question failed; it is <see cref="Error"/> that is thrown.</exception>
    public MasAnswer AnswerOrThrow()
    {
        if (Succeeded)
            return Answer;
        ExceptionDispatchInfo.Throw(Error ?? new InvalidOptionException(nameof(Answer), "this result has neither an answer nor an error. Set one of them."));
        return null;
    }

    /// <summary>The question's place from 0, and the text of the answer or the error's message.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"Question {Index}{(Succeeded ? "" : " failed")}: {Answer?.Text ?? Error?.Message}");
}

/// <summary>How far a call with many questions has come.</summary>
/// <param name="Done">Questions that are answered or have failed.</param>
/// <param name="Failed">Those of them that have failed.</param>
/// <param name="Total">Questions of the call.</param>
public sealed record MasAskProgress(int Done, int Failed, int Total);
