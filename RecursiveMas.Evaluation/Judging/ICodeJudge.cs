namespace RecursiveMas;

/// <summary>Tries programs. Safe for concurrent calls.</summary>
public interface ICodeJudge
{
    /// <summary>What tells its verdicts apart from those of other judges and settings; part of what a run is made of. Default: the name of its type.</summary>
    string Name => GetType().Name;

    /// <summary>Takes the program out of a text by both sets of rules and tries it.</summary>
    /// <param name="output">What the last agent wrote.</param>
    /// <param name="question">The question; its tests decide.</param>
    /// <param name="cancellationToken">Stops the trial, with every process of the program.</param>
    /// <exception cref="ArgumentNullException">There is no text or no question.</exception>
    /// <returns>Both verdicts, whatever the program does. Takes bounded time and memory.</returns>
    Task<CodeScore> JudgeAsync(string output, EvaluationQuestion question, CancellationToken cancellationToken = default);
}
