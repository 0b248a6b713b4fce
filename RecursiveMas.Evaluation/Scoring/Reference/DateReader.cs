using System.Globalization;
using System.Text.RegularExpressions;

namespace RecursiveMas.Scoring.Reference;

/// <summary>
/// Reads dates of numbers and English month names in any usual order; month before day where both are possible, as dateutil does. Anything else in the text
/// makes it no date.
/// </summary>
internal static partial class DateReader
{
    private const int LongestDate = 60;

    private static readonly string[] s_months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private static readonly string[] s_names =
    [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ];

    private static readonly string[] s_passed =
    [
        "of", "at", "on", "and", "ad", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday",
        "saturday", "sunday",
    ];

    public static DateOnly? Read(string text)
    {
        if (text.Length > LongestDate)
            return null;
        int? month = null;
        var numbers = new List<string>();
        int at = 0;
        foreach (Match part in Parts().Matches(text))
        {
            if (part.Index != at)
                return null;
            at += part.Length;
            string word = part.Groups["word"].Value.ToLowerInvariant();
            if (part.Groups["number"].Success)
                numbers.Add(part.Groups["number"].Value);
            else if (word.Length > 0 && MonthOf(word) is { } named && month is null)
                month = named;
            else if (word.Length > 0 && !s_passed.Contains(word))
                return null;
        }

        return at == text.Length ? Resolve(numbers, month) : null;
    }

    private static int? MonthOf(string word)
    {
        int at = word == "sept" ? 8 : Array.IndexOf(s_names, word) is >= 0 and int full ? full : Array.IndexOf(s_months, word);
        return at < 0 ? null : at + 1;
    }

    private static DateOnly? Resolve(List<string> numbers, int? month)
    {
        int year = numbers.FindIndex(number => number.Length == 4);
        if (year < 0)
            return null;
        int[] others = [.. numbers.Where((_, index) => index != year).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return (month, others) switch
        {
            ({ } named, []) => Date(year, named, 1),
            ({ } named, [var day]) => Date(year, named, day),
            (null, []) => Date(year, 1, 1),
            (null, [var only]) => Date(year, only, 1),
            (null, [var first, var second]) => first <= 12 ? Date(year, first, second) : Date(year, second, first),
            _ => null,
        };

        DateOnly? Date(int index, int ofYear, int ofMonth) =>
            DateOnly.TryParseExact(
                $"{numbers[index]}-{ofYear:00}-{ofMonth:00}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
                    ? date : null;
    }

    [GeneratedRegex(@"(?<number>[0-9]{4}|[0-9]{1,2})(?:st|nd|rd|th)?(?![A-Za-z0-9])|(?<word>[A-Za-z]+)|[\s,./-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Parts();
}
