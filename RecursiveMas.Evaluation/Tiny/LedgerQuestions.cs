using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RecursiveMas.Tiny;

/// <summary>"Mia has 19 coins. January gets 1. How many coins?": what sequential_tiny was trained to answer.</summary>
internal static class LedgerQuestions
{
    // Questions whose hash begins so are in no stage of its training.
    private const int MostMonths = 9, MostThings = 20, MostChange = 9, FirstOfTraining = 32;

    private static readonly string[] s_names =
        ["Mia", "Ben", "Ana", "Tom", "Lea", "Max", "Eva", "Jan", "Ida", "Sam", "Zoe", "Leo", "Amy", "Kai", "Nora", "Paul"];

    private static readonly string[] s_things = ["coins", "apples", "books", "cards", "shells", "stamps", "beads", "pens"];

    private static readonly string[] s_months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;

    /// <summary>A question with one to nine months, and its answer.</summary>
    public static (string Text, string Answer) Draw(Random random)
    {
        while (true)
        {
            string thing = s_things[random.Next(s_things.Length)];
            int value = random.Next(MostThings + 1), months = random.Next(1, MostMonths + 1);
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"{s_names[random.Next(s_names.Length)]} has {value} {thing}.");
            for (int month = 0; month < months; month++)
            {
                (string operation, int change, value) = Change(value, random);
                text.Append(CultureInfo.InvariantCulture, $" {s_months[month]} {operation} {change}.");
            }

            text.Append(CultureInfo.InvariantCulture, $" How many {thing}?");
            if (SHA256.HashData(Encoding.UTF8.GetBytes($"{text}"))[0] < FirstOfTraining)
                return ($"{text}", value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static (string Operation, int Change, int Value) Change(int value, Random random)
    {
        int gets = value < MostThings ? 4 : 0, loses = value > 0 ? 4 : 0, times = value is >= 1 and <= MostThings / 2 ? 3 : 0;
        int drawn = random.Next(gets + loses + times);
        if (drawn < gets)
        {
            int more = random.Next(1, Math.Min(MostChange, MostThings - value) + 1);
            return ("gets", more, value + more);
        }

        if (drawn < gets + loses)
        {
            int less = random.Next(1, Math.Min(MostChange, value) + 1);
            return ("loses", less, value - less);
        }

        int factor = 3 * value <= MostThings && random.Next(2) == 0 ? 3 : 2;
        return ("times", factor, value * factor);
    }
}
