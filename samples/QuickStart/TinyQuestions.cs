using System.Globalization;
using System.Text.RegularExpressions;

namespace RecursiveMas.QuickStart;

/// <summary>Recognises questions that an embedded system cannot answer: it was trained on one kind of question only.</summary>
internal static partial class TinyQuestions
{
    private const int MostMonths = 12, MonthsPerRound = 3, LargestAmount = 20, LargestChange = 9, MostRelations = 4;

    private static readonly string[] s_months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[..MostMonths];

    /// <summary>What to tell whoever asks a question; null for nothing.</summary>
    /// <param name="style">The system.</param>
    /// <param name="rounds">Rounds of the run; null for the system's default.</param>
    /// <param name="question">The question.</param>
    public static string? Remark(StyleDefinition style, int? rounds, string question) => style.Name switch
    {
        "sequential_tiny" => Remark(style, rounds ?? style.Defaults.Rounds, Months(question.Trim()), MonthsPerRound, "months", SampleQuestions.Of(style.Name)),
        "mixture_tiny" => Remark(style, rounds ?? style.Defaults.Rounds, Relations(question.Trim()), 1, "relations", SampleQuestions.Of(style.Name)),
        _ => null,
    };

    private static string? Remark(StyleDefinition style, int rounds, int? steps, int perRound, string unit, string sample)
    {
        if (steps is not { } needed)
        {
            return $"{style.Name} is a demonstration and knows only questions like \"{sample}\", so its answer to this one means nothing; " +
                   "the released systems answer questions of your own, for example --system sequential_light.";
        }

        long reach = (long)rounds * perRound;
        return needed <= reach ? null
            : $"This question has {needed} {unit}, and {rounds} {(rounds == 1 ? "round takes" : "rounds take")} the agents through {reach} of " +
                $"them; ask with --rounds {(needed + perRound - 1) / perRound}.";
    }

    /// <summary>Months of a ledger; null if it is none that the system was trained on.</summary>
    private static int? Months(string question)
    {
        Match match = Ledger().Match(question);
        if (!match.Success || match.Groups["month"].Captures.Count > MostMonths)
            return null;
        int amount = Number(match.Groups["start"]);
        bool fits = amount <= LargestAmount;
        for (int i = 0; i < match.Groups["month"].Captures.Count; i++)
        {
            int change = Number(match.Groups["change"].Captures[i]);
            amount = match.Groups["operation"].Captures[i].Value switch { "gets" => amount + change, "loses" => amount - change, _ => amount * change };
            fits &= match.Groups["month"].Captures[i].Value == s_months[i] && change is > 0 and <= LargestChange && amount is >= 0 and <= LargestAmount;
        }

        return fits ? match.Groups["month"].Captures.Count : null;
    }

    private static int? Relations(string question) =>
        Chain().Match(question) is { Success: true } match && match.Groups["relation"].Captures.Count <= MostRelations
        ? match.Groups["relation"].Captures.Count
        : null;

    private static int Number(Capture digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?:Mia|Ben|Ana|Tom|Lea|Max|Eva|Jan|Ida|Sam|Zoe|Leo|Amy|Kai|Nora|Paul) has (?<start>\d{1,2}) " +
        @"(?<thing>coins|apples|books|cards|shells|stamps|beads|pens)\." +
        @"(?: (?<month>[A-Z][a-z]+) (?<operation>gets|loses|times) (?<change>\d)\.)+ How many \k<thing>\?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Ledger();

    [GeneratedRegex(
        @"^Who is (?:Mia|Ben|Ana|Tom|Lea|Max|Eva|Jan|Ida|Sam|Zoe|Leo|Amy|Kai|Nora|Paul|Lily|Emma|Carl|Finn|Vera|Otto|Hugo|Rosa)" +
        @"(?:'s (?<relation>friend|boss|neighbour))+\?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Chain();
}
