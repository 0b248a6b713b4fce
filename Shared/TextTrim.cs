namespace RecursiveMas.Shared;

/// <summary>White space at the ends of a text as Python's strip sees it, which also counts the separators U+001C to U+001F.</summary>
internal static class TextTrim
{
    public static string Both(string text)
    {
        int start = 0, end = text.Length;
        while (start < end && IsSpace(text[start]))
            start++;
        while (end > start && IsSpace(text[end - 1]))
            end--;
        return text[start..end];
    }

    public static bool IsSpace(char letter) => char.IsWhiteSpace(letter) || letter is >= '\u001c' and <= '\u001f';
}
