using System.Globalization;
using System.Text;

namespace RecursiveMas.Scoring.Reference;

/// <summary>Letters as Python sees them.</summary>
internal static class PythonCase
{
    /// <summary>\w; the length is that of the character at the place, word or not.</summary>
    public static bool IsWord(string text, int at, out int length)
    {
        Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out length);
        return text[at] == '_'
            || Rune.IsLetter(rune)
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
    }

    /// <summary>lower(): the dotted capital I becomes two characters, and a capital sigma that ends a word its final form.</summary>
    public static string Lower(string text)
    {
        var small = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\u0130')
                small.Append("i\u0307");
            else if (text[i] == '\u03a3')
                small.Append(i > 0 && char.IsLetter(text[i - 1]) && !(i + 1 < text.Length && char.IsLetter(text[i + 1])) ? '\u03c2' : '\u03c3');
            else
                small.Append(text[i]);
        }

        return small.ToString().ToLowerInvariant();
    }
}
