using System.Text;
using RecursiveMas.Agents;
using RecursiveMas.Shared;

namespace RecursiveMas.Python;

/// <summary>Characters as Python's regular expressions see them; the reference implementation's rules are written for those.</summary>
internal static class PythonText
{
    /// <summary>\s</summary>
    public static bool IsSpace(char letter) => TextTrim.IsSpace(letter);

    /// <summary>strip()</summary>
    public static string Strip(string text) => TextTrim.Both(text);

    /// <summary>Index of the first character at or after a place that is not white space.</summary>
    public static int SkipSpace(string text, int at)
    {
        while (at < text.Length && IsSpace(text[at]))
            at++;
        return at;
    }

    /// <summary>\w: letters and numbers of any script, and the underscore.</summary>
    public static bool IsWord(string text, int at) =>
        at < text.Length
        && Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out _) == System.Buffers.OperationStatus.Done
        && WordCharacter.Is(rune);

    /// <summary>
    /// Whether a word of small ASCII letters stands at a place in any case; as in Python this includes the four letters whose case is an ASCII letter.
    /// </summary>
    public static bool StandsAt(string text, int at, string word)
    {
        if (at + word.Length > text.Length)
            return false;
        for (int i = 0; i < word.Length; i++)
        {
            if (Fold(text[at + i]) != word[i])
                return false;
        }

        return true;
    }

    /// <summary>First place of a word of small ASCII letters at or after a place, in any case; -1 if there is none.</summary>
    public static int Find(string text, string word, int from)
    {
        for (int at = from; at + word.Length <= text.Length; at++)
        {
            if (StandsAt(text, at, word))
                return at;
        }

        return -1;
    }

    /// <summary>splitlines()</summary>
    public static IEnumerable<string> Lines(string text)
    {
        int start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (!EndsLine(text[at]))
                continue;
            yield return text[start..at];
            if (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
                at++;
            start = at + 1;
        }

        if (start < text.Length)
            yield return text[start..];
    }

    private static bool EndsLine(char letter) => letter is (>= '\n' and <= '\r') or (>= '\u001c' and <= '\u001e') or '\u0085' or '\u2028' or '\u2029';

    private static char Fold(char letter) => letter switch
    {
        >= 'A' and <= 'Z' => (char)(letter | 0x20),
        '\u0130' or '\u0131' => 'i',
        '\u017f' => 's',
        '\u212a' => 'k',
        _ => letter,
    };
}
