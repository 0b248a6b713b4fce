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
    public static ICodeJudge? Judge(Settings settings, QuestionSet questions) => null;

    private static QuestionSet Load(QuestionSettings settings, string system, long seed)
    {
        if (settings.File is { } file)
            return Select(OwnQuestions.Load(file), settings, seed);
        string name = settings.DataSet!;
        if (name == Tiny || name == system)
            return TinyQuestions.Draw(system, settings.Samples is > 0 and var count ? count : TinyCount, unchecked((int)seed));
        throw new FormatException($"--dataset cannot be '{name}'; there is '{Tiny}' for {string.Join(" and ", TinyQuestions.Systems)}.");
    }

    private static QuestionSet Select(QuestionSet set, QuestionSettings settings, long seed)
    {
        EvaluationQuestion[] questions = [.. set.Questions];
        if (settings.Shuffle)
            new Random(unchecked((int)seed)).Shuffle(questions);
        return set with { Questions = settings.Samples is > 0 and var count ? questions[..Math.Min(count, questions.Length)] : questions };
    }
}
