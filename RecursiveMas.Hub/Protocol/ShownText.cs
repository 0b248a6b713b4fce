using System.Globalization;

namespace RecursiveMas.Protocol;

/// <summary>
/// Makes text of the other side fit for messages, which end on terminals: short, and without characters that would move the cursor or turn the writing.
/// </summary>
internal static class ShownText
{
    public static string Of(string text, int longest = 200)
    {
        string clean = new([.. text
            .Take(longest + 1)
            .Select(c => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate ? '?' : c)]);
        return clean.Length <= longest ? clean : clean[..longest] + "…";
    }

    /// <summary>Number and words of an answer's status.</summary>
    public static string Status(HttpResponseMessage response) => $"{(int)response.StatusCode} {Of(response.ReasonPhrase ?? "")}".TrimEnd();
}
