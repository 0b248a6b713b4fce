using Spectre.Console;

namespace RecursiveMas.QuickStart;

/// <summary>Questions for the tiny systems, answered with more and more rounds beside the right answer.</summary>
internal static class SampleQuestions
{
    private static readonly Dictionary<string, (string Title, int Rounds, (string Question, string Right)[] Questions)> s_samples = new(StringComparer.Ordinal)
    {
        ["sequential_tiny"] = (
            "Each round carries the ledger three months further",
            3,
            [
                ("Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?", "13"),
                ("Tom has 4 cards. January times 3. February gets 6. March loses 9. April gets 8. May loses 5. June gets 3. July loses 7. How many cards?",
                    "8"),
            ]),
        ["mixture_tiny"] = (
            "Each round follows one more relation",
            4,
            [
                ("Who is Ben's boss?", "Kai"),
                ("Who is Jan's friend's boss?", "Eva"),
                ("Who is Ida's boss's boss's boss?", "Ana"),
            ]),
    };

    /// <summary>A question that a system was trained for.</summary>
    public static string Of(string system) => s_samples[system].Questions[0].Question;

    /// <summary>Shows the samples of a system, if it has any.</summary>
    public static async Task ShowAsync(MasSystem mas, Screen screen, CancellationToken cancellation)
    {
        if (!s_samples.TryGetValue(mas.Style.Name, out (string Title, int Rounds, (string, string)[] Questions) sample))
            return;
        Table table = new Table().Border(TableBorder.Rounded).Title(sample.Title)
            .AddColumns(["question", .. Enumerable.Range(1, sample.Rounds).Select(rounds => rounds == 1 ? "1 round" : $"{rounds} rounds"), "right"]);
        foreach ((string question, string right) in sample.Questions)
        {
            var row = new List<string> { question };
            for (int rounds = 1; rounds <= sample.Rounds; rounds++)
                row.Add((await mas.AskAsync(new MasQuestion(question), new AskOptions { Rounds = rounds }, cancellation)).Text);
            row.Add(right);
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        screen.Table(table);
    }
}
