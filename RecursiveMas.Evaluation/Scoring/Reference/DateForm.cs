using System.Globalization;
using System.Text.RegularExpressions;

namespace RecursiveMas.Scoring.Reference;

/// <summary>Dates in the form of ISO 8601, as precise as the reference implementation takes them to be. A date without a year is none.</summary>
internal static partial class DateForm
{
    public static string? Of(string text)
    {
        if (!Year().IsMatch(text) || DateReader.Read(text) is not { } date)
            return null;
        bool month = Months().IsMatch(text);
        if (IsoDay().IsMatch(text) || SlashDay().IsMatch(text) || (month && Day().IsMatch(text)))
            return date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return date.ToString(month ? "yyyy-MM" : "yyyy", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\b(?:1\d|20)\d\d\b", RegexOptions.CultureInvariant)]
    private static partial Regex Year();

    [GeneratedRegex(@"\b\d{4}-\d{1,2}-\d{1,2}\b", RegexOptions.CultureInvariant)]
    private static partial Regex IsoDay();

    [GeneratedRegex(@"\b\d{1,2}/\d{1,2}/\d{4}\b", RegexOptions.CultureInvariant)]
    private static partial Regex SlashDay();

    [GeneratedRegex(
        @"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Months();

    [GeneratedRegex(@"\b\d{1,2}(?:st|nd|rd|th)?\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Day();
}
