using RecursiveMas.QuickStart;

namespace RecursiveMas.RunSample;

/// <summary>Gets the questions that the command line names.</summary>
internal static class QuestionLoader
{
    /// <summary>Name of the questions that an embedded system has of its own.</summary>
    public const string Tiny = "tiny";

    // As many as a published set.
    private const int TinyCount = 500;

    /// <exception cref="FormatException">There is no such set.</exception>
    public static Task<QuestionSet> LoadAsync(Settings settings, string system, Screen screen, CancellationToken cancellation)
    {
        _ = screen;
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(Load(settings.Questions, system, settings.Seed ?? 42));
    }

    /// <summary>Tries the programs that questions ask for; null if none does.</summary>
    public static CodeJudge? Judge(QuestionSettings settings, QuestionSet questions) => questions.Questions.All(question => question.Tests is null)
        ? null
        : new CodeJudge(new CodeJudgeOptions { ScriptSeconds = settings.MbppSeconds, CaseSeconds = settings.LcbSeconds });

    private static QuestionSet Load(QuestionSettings settings, string system, long seed)
    {
        string name = settings.DataSet ?? throw new FormatException("--questions is not read yet.");
        if (name == Tiny || name == system)
            return TinyQuestions.Draw(system, settings.Samples is > 0 and var count ? count : TinyCount, unchecked((int)seed));
        throw new FormatException($"--dataset cannot be '{name}'; there is '{Tiny}' for {string.Join(" and ", TinyQuestions.Systems)}.");
    }
}
