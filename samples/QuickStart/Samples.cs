using Spectre.Console;

namespace RecursiveMas.QuickStart;

/// <summary>Two questions for the tiny system, answered with one, two and three rounds beside the right answer.</summary>
internal static class Samples
{
    public const string System = "sequential_tiny";

    private static readonly (string Question, int Answer)[] s_questions =
    [
        ("Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?", 13),
        ("Tom has 4 cards. January times 3. February gets 6. March loses 9. April gets 8. May loses 5. June gets 3. July loses 7. How many cards?", 8),
    ];

    public static async Task ShowAsync(MasSystem mas, CancellationToken cancellation)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title("Each round takes three months further")
            .AddColumns("question", "1 round", "2 rounds", "3 rounds", "right");
        foreach ((string question, int right) in s_questions)
        {
            var row = new List<string> { question };
            for (int rounds = 1; rounds <= 3; rounds++)
                row.Add((await mas.AskAsync(new MasQuestion(question), new AskOptions { Rounds = rounds }, cancellation)).Text);
            row.Add(right.ToString(global::System.Globalization.CultureInfo.InvariantCulture));
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }
}
