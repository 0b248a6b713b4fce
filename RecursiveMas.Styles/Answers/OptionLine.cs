using RecursiveMas.Python;

namespace RecursiveMas.Answers;

/// <summary>An answer that is a line of its own: the whole text, its first line or its last.</summary>
internal static class OptionLine
{
    /// <summary>Whether the options themselves are listed below a place, rather than one of them.</summary>
    public static bool BeginsList(string said, int at, OfferedLetters letters)
    {
        int first = PythonText.SkipSpace(said, at);
        if (!said.AsSpan(at, first - at).Contains('\n') || said.IndexOf('\n', first) is not (>= 0 and int line))
            return false;
        int next = PythonText.SkipSpace(said, line), end = said.IndexOf('\n', next);
        string second = said[next..(end < 0 ? said.Length : end)];
        return LetterReader.ReadOption(said[first..line], letters, out _) is not null && LetterReader.ReadOption(second, letters, out _) is not null;
    }

    /// <summary>The letter of the only line that is an option; null if it has text around it on both sides, and for lists of options.</summary>
    public static char? Find(string said, OfferedLetters letters)
    {
        char? found = null;
        bool first = false, last = false, bare = false;
        int lines = 0;
        foreach (ReadOnlySpan<char> line in said.AsSpan().EnumerateLines())
        {
            if (line.IsWhiteSpace())
                continue;
            lines++;
            last = false;
            if (LetterReader.ReadOption(line.ToString(), letters, out bool isBare) is not { } letter)
                continue;
            if (found is not null)
                return null;
            (found, first, last, bare) = (letter, lines == 1, true, isBare);
        }

        return first || (last && bare) ? found : null;
    }
}
