namespace RecursiveMas.Evaluation.Tests.Judging;

/// <summary>Judges that all tests share; each tries its sandbox out once.</summary>
internal static class Judges
{
    /// <summary>With the limits of the recorded verdicts.</summary>
    public static CodeJudge Patient { get; } = new(new CodeJudgeOptions { ScriptSeconds = 4, CaseSeconds = 4, MaxConcurrency = 4 });

    /// <summary>Takes results as data.</summary>
    public static CodeJudge Wary { get; } = new(new CodeJudgeOptions { ScriptSeconds = 4, CaseSeconds = 4, MaxConcurrency = 4, ResultsAreData = true });

    /// <summary>For programs that run into their limits.</summary>
    public static CodeJudge Quick { get; } = new(new CodeJudgeOptions { ScriptSeconds = 4, CaseSeconds = 4, MaxConcurrency = 4 });
}
