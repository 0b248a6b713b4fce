using System.Globalization;

namespace RecursiveMas.Shared;

/// <summary>
/// Makes text of others fit for messages, which end on terminals: short, and without characters that would move the cursor or turn the writing.
/// </summary>
internal static class ShownText
{
    private const int MostNames = 10;

    public static string Of(string text, int longest = 200)
    {
        string clean = new([.. text
            .Take(longest + 1)
            .Select(c => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate ? '?' : c)]);
        return clean.Length <= longest ? clean : clean[..longest] + "…";
    }

    /// <summary>The first names of a list, and how many more there are.</summary>
    public static string List(IReadOnlyCollection<string> names)
    {
        string shown = string.Join(", ", names.Take(MostNames).Select(name => Of(name)));
        return names.Count <= MostNames ? shown : $"{shown} and {names.Count - MostNames} more";
    }
}
