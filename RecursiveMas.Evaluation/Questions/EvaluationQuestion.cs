using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>A question of a data set, worded for the agents, with what its answers are judged by.</summary>
/// <param name="Index">Its place in the data set as published, from 0; shuffling and selection do not change it.</param>
/// <param name="Id">Its name within the set: the data set's own where it has one, else the index. Unique within a <see cref="QuestionSet"/>.</param>
/// <param name="Text">The question as the agents read it.</param>
public sealed record EvaluationQuestion(int Index, string Id, string Text)
{
    private readonly TaskKind? _linkKind;

    /// <summary>Its place in the data set as published, from 0.</summary>
    /// <exception cref="InvalidOptionException">The value is negative.</exception>
    public int Index { get; init => field = Given.AtLeast(0, value, nameof(Index)); } = Given.AtLeast(0, Index, nameof(Index));

    /// <summary>Its name within the set.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Id { get; init => field = Given.NotNull(value, nameof(Id)); } = Given.NotNull(Id);

    /// <summary>The question as the agents read it.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Text { get; init => field = Given.NotNull(value, nameof(Text)); } = Given.NotNull(Text);

    /// <summary>The kind of answer that is wanted; it selects the prompts. Default: <see cref="TaskKind.Math"/>.</summary>
    /// <exception cref="InvalidOptionException">There is no such kind.</exception>
    public TaskKind Kind { get; init => field = Given.Defined(value, nameof(Kind)); } = TaskKind.Math;

    /// <summary>
    /// The kind whose links the reference's first release uses: <see cref="TaskKind.Code"/> for MBPP+, <see cref="TaskKind.Math"/> for everything else,
    /// LiveCodeBench included. Default: <see cref="TaskKind.Code"/> for questions of that <see cref="Kind"/>, else <see cref="TaskKind.Math"/>.
    /// </summary>
    /// <exception cref="InvalidOptionException">There is no such kind.</exception>
    public TaskKind LinkKind
    {
        get => _linkKind ?? (Kind == TaskKind.Code ? TaskKind.Code : TaskKind.Math);
        init => _linkKind = Given.Defined(value, nameof(LinkKind));
    }

    /// <summary>How answers are compared with the gold answer; null if they are not: code, or a question without gold.</summary>
    public AnswerComparison? Comparison { get; init; }

    /// <summary>
    /// The gold answer, right as far as can be told; "" if the data give none that can be read (a fault in <see cref="QuestionSet.Faults"/>); null if there is
    /// none to compare with. What <see cref="AnswerScorer.ScoreStrictly"/> compares with.
    /// </summary>
    public string? Gold { get; init; }

    /// <summary>
    /// The gold answer as the reference implementation derives it, its faults included; the same as <see cref="Gold"/> but in rows with faults. Of code the
    /// test script or published solution. What <see cref="AnswerScorer.ScoreAsReference"/> compares with, and the field gold_answer_raw of results.
    /// </summary>
    public string? ReferenceGold { get => field ?? Gold; init; }

    /// <summary>For code: name of the function that is wanted; null if it has no given name.</summary>
    public string? FunctionName { get; init; }

    /// <summary>For code: true if a whole program reading standard input is wanted. Default: false.</summary>
    public bool WholeProgram { get; init; }

    /// <summary>For code: what a program must pass; null if there is nothing to try it on.</summary>
    public CodeTests? Tests { get; init; }

    /// <summary>The question for a system: text, kind, name, function. It is asked by that.</summary>
    public MasQuestion ToMasQuestion() => new(Text) { Kind = Kind, LinkKind = LinkKind, Id = Id, FunctionName = FunctionName, WholeProgram = WholeProgram };
}
