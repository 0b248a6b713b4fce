using System.Text.Json;
using RecursiveMas.QuickStart;

namespace RecursiveMas.RunSample;

/// <summary>Gets the questions that the command line names.</summary>
internal static class QuestionLoader
{
    /// <summary>Name of the questions that an embedded system has of its own.</summary>
    public const string Tiny = "tiny";

    // As many as a published set.
    private const int TinyCount = 500;

    /// <exception cref="FormatException">An embedded system is asked for questions of its own that it does not have, or the wording is none.</exception>
    public static async Task<QuestionSet> LoadAsync(Settings settings, string system, Screen screen, CancellationToken cancellation)
    {
        QuestionSettings wanted = settings.Questions;
        long seed = settings.Seed ?? 42;
        bool published = wanted.File is null && wanted.DataSet != Tiny && !(wanted.DataSet == system && TinyQuestions.Systems.Contains(system));
        if (wanted.Wording is not null && !published)
            screen.Note($"[grey]--wording has no effect: it is for published data sets, and these questions are asked as they stand[/]");
        if (wanted.File is { } file)
            return Select(await QuestionSets.ReadOwnAsync(file, cancellationToken: cancellation), wanted, seed);
        if (!published)
        {
            return TinyQuestions.Systems.Contains(system)
                ? TinyQuestions.Draw(system, wanted.Samples is > 0 and var count ? count : TinyCount, unchecked((int)seed))
                : throw new FormatException($"--dataset {Tiny} is for {string.Join(" and ", TinyQuestions.Systems)}, not for {system}.");
        }

        using var hub = new HubClient(new HubClientOptions { Offline = settings.Offline });
        screen.Status($"Reading {wanted.DataSet}");
        return await QuestionSets.LoadAsync(
            wanted.DataSet!,
            new QuestionSetOptions
            {
                Split = wanted.Split,
                Configuration = wanted.MbppSubset,
                Count = Math.Max(0, wanted.Samples ?? 0),
                Shuffle = wanted.Shuffle,
                Seed = seed,
                ShuffleChoices = !wanted.GpqaKeepsOrder,
                ExampleTests = wanted.TestsInPrompt,
                HiddenTests = wanted.LcbPrivateTests,
                Wording = wanted.Wording is { } words ? Read(words) : QuestionWording.Own,
                Hub = hub,
            },
            cancellation);
    }

    /// <summary>Tries the programs that questions ask for; null if none does.</summary>
    public static CodeJudge? Judge(QuestionSettings settings, QuestionSet questions) => questions.Questions.All(question => question.Tests is null)
        ? null
        : new CodeJudge(new CodeJudgeOptions { ScriptSeconds = settings.MbppSeconds, CaseSeconds = settings.LcbSeconds, ResultsAreData = true });

    private static QuestionSet Select(QuestionSet set, QuestionSettings settings, long seed)
    {
        EvaluationQuestion[] questions = [.. set.Questions];
        if (settings.Shuffle)
            new Random(unchecked((int)seed)).Shuffle(questions);
        return set with { Questions = settings.Samples is > 0 and var count ? questions[..Math.Min(count, questions.Length)] : questions };
    }

    private static QuestionWording Read(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            string Text(string name, string usual) => document.RootElement.TryGetProperty(name, out JsonElement text) ? text.GetString() ?? usual : usual;
            QuestionWording own = QuestionWording.Own;
            return new QuestionWording(Text("choice", own.ChoiceSentence), Text("tests", own.TestsLead), Text("starter", own.StarterLead));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException($"--wording: {file} is no JSON object with the texts 'choice', 'tests' and 'starter': {error.Message}");
        }
    }
}
