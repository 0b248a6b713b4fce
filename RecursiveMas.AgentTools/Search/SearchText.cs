using System.Globalization;
using System.Text;
using RecursiveMas.Shared;

namespace RecursiveMas.Search;

/// <summary>What an agent reads of a search.</summary>
internal static class SearchText
{
    public static string Of(string query, IReadOnlyList<SearchResult> results, int most, int contentChars)
    {
        if (results.Count == 0)
            return $"Query: {query}\n[no search results]";
        var lines = new List<string> { $"Query: {query}", "Results:" };
        foreach ((int place, SearchResult result) in results.Take(most).Index())
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"[{place + 1}] {TextTrim.Both(result.Title ?? "")}"));
            if (TextTrim.Both(result.Address ?? "") is { Length: > 0 } url)
                lines.Add($"URL: {url}");
            if (Collapse(result.Content ?? "") is { Length: > 0 } content)
                lines.Add(Cut(content, contentChars));
        }

        return string.Join('\n', lines);
    }

    private static string Collapse(string text)
    {
        var collapsed = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            if (!TextTrim.IsSpace(letter))
                collapsed.Append(letter);
            else if (collapsed.Length > 0 && collapsed[^1] != ' ')
                collapsed.Append(' ');
        }

        return TextTrim.Both(collapsed.ToString());
    }

    private static string Cut(string text, int most)
    {
        int at = 0;
        for (int kept = 0; kept < most && at < text.Length; kept++)
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return at < text.Length ? TextTrim.Both(text[..at]) + " ..." : text;
    }
}
