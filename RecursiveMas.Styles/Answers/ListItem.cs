using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>Items of lists: "- x", "1. x", "(a) x".</summary>
internal static class ListItem
{
    /// <summary>Length of the mark with which an item begins; 0 if none does. Only a number of 1 begins a list, others may be values.</summary>
    public static int Length(string text, int at)
    {
        ReadOnlySpan<char> rest = text.AsSpan(at, Math.Min(4, text.Length - at));
        return rest switch
        {
            ['-' or '*' or '+' or '•', ' ', ..] => 2,
            ['1', '.' or ')', ' ', ..] => 3,
            ['(', 'a' or '1', ')', ' ', ..] => 4,
            ['a', ')', ' ', ..] => 3,
            _ => 0,
        };
    }

    /// <summary>Whether the item at a place is the only one, and is not perhaps a negative number.</summary>
    public static bool StandsAlone(string text, int at)
    {
        if (text[at] == '-' && at + 2 < text.Length && char.IsAsciiDigit(text[at + 2]))
            return false;
        int line = text.IndexOf('\n', at);
        if (line < 0)
            return true;
        int next = PythonText.SkipSpace(text, line);
        ReadOnlySpan<char> rest = text.AsSpan(next, Math.Min(4, text.Length - next));
        return rest is not (['-' or '*' or '+' or '•', ' ', ..] or ['2', '.' or ')', ' ', ..] or ['(', 'b' or '2', ')', ' ', ..] or ['b', ')', ' ', ..]);
    }
}
