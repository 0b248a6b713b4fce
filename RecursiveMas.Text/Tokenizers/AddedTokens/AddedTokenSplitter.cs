using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.AddedTokens;

/// <summary>Cuts text into added tokens and what lies between them.</summary>
internal static class AddedTokenSplitter
{
    /// <param name="matcher">The tokens to look for.</param>
    /// <param name="text">The text.</param>
    /// <param name="allowed">Where special tokens may be found.</param>
    /// <param name="into">Receives (id, start, end) in order; id -1 is text.</param>
    public static void Split(AddedTokenMatcher matcher, ReadOnlySpan<char> text, RangeFilter allowed, List<(int Id, int Start, int End)> into)
    {
        int done = 0;
        int position = 0;
        while (true)
        {
            int index = matcher.Find(text, position, allowed, out int start);
            if (index < 0)
                break;
            int end = start + matcher.Length(index);
            position = end;
            AddedToken token = matcher.Token(index);
            if (token.SingleWord && (IsWordBefore(text, start) || IsWordAfter(text, end)))
                continue;

            // White space that an earlier token took along is not taken again.
            if (token.StripLeft)
                start = Math.Max(SpacesBefore(text, start), done);
            if (token.StripRight)
                end = SpacesAfter(text, end);

            // Nothing may be left where an earlier token took all of it.
            if (start >= end)
                continue;
            if (done < start)
                into.Add((-1, done, start));
            into.Add((matcher.Id(index), start, end));
            done = end;
        }

        if (done < text.Length)
            into.Add((-1, done, text.Length));
    }

    private static bool IsWordBefore(ReadOnlySpan<char> text, int position) =>
        position > 0 && UnicodeTables.Word[Utf16.CodePointBefore(text, position, out _)] != 0;

    private static bool IsWordAfter(ReadOnlySpan<char> text, int position) =>
        position < text.Length && UnicodeTables.Word[Utf16.CodePointAt(text, position, out _)] != 0;

    // All white space lies in the basic plane.
    private static int SpacesBefore(ReadOnlySpan<char> text, int position)
    {
        while (position > 0 && UnicodeTables.Spaces[text[position - 1]] != 0)
            position--;
        return position;
    }

    private static int SpacesAfter(ReadOnlySpan<char> text, int position)
    {
        while (position < text.Length && UnicodeTables.Spaces[text[position]] != 0)
            position++;
        return position;
    }
}
