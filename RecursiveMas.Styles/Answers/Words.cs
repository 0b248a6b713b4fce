namespace RecursiveMas.Answers;

/// <summary>Words of a text, in small letters.</summary>
internal static class Words
{
    private const int Reach = 100;

    /// <summary>A set of words.</summary>
    public static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);

    public static bool StandsAt(string text, int at, string word) => string.Compare(text, at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>Whether no word goes on at a place. Chinese is written without spaces, and an underscore joins names but also marks emphasis.</summary>
    public static bool Begins(string text, int at) => at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]) || !char.IsAscii(text[at]);

    /// <summary>End of the word at a place: letters and apostrophes.</summary>
    public static int End(string text, int at)
    {
        while (at < text.Length && (char.IsLetter(text[at]) || (text[at] is '\'' or '’' && at + 1 < text.Length && char.IsLetter(text[at + 1]))))
            at++;
        return at;
    }

    public static string At(string text, int at, int end) => text[at..end].Replace('’', '\'').ToLowerInvariant();

    /// <summary>The next words of a sentence, at most so many.</summary>
    public static string[] Next(string text, int at, int count)
    {
        var words = new List<string>();
        for (int limit = Math.Min(text.Length, at + Reach); at < limit && words.Count < count;)
        {
            int end = End(text, at);
            if (end > at)
                words.Add(At(text, at, end));
            else if (text[at] is '.' or '?' or '!' or '\n' && words.Count > 0)
                break;
            at = Math.Max(end, at + 1);
        }

        return [.. words];
    }

    /// <summary>The last words of a clause before a place, the nearest first, at most so many.</summary>
    public static string[] Before(string text, int at, int count, string ends)
    {
        var words = new List<string>();
        for (int limit = Math.Max(0, at - Reach); at > limit && words.Count < count;)
        {
            if (ends.Contains(text[at - 1], StringComparison.Ordinal))
                break;
            int end = at;
            while (at > limit && (char.IsLetter(text[at - 1]) || text[at - 1] is '\'' or '’'))
                at--;
            if (at == end)
                at--;
            else
                words.Add(At(text, at, end));
        }

        return [.. words];
    }
}
