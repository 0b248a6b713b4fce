using System.Globalization;
using System.Text;

namespace RecursiveMas.Templates.Values;

/// <summary>Character classes as Python sees them.</summary>
internal static class Characters
{
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c);

    public static bool IsDigit(char c) => c is >= '0' and <= '9';

    /// <summary>Whether str.splitlines breaks here; "\r\n" counts once and is the caller's business.</summary>
    public static bool IsLineBreak(char c) =>
        c is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';

    /// <summary>Whether repr shows the code point as it is.</summary>
    public static bool IsPrintable(int codePoint)
    {
        if (codePoint == ' ')
            return true;
        if (codePoint is >= 0xD800 and <= 0xDFFF)
            return false;
        return CharUnicodeInfo.GetUnicodeCategory(codePoint) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
            UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
    }

    /// <summary>Code points of a text; a lone surrogate counts as one.</summary>
    public static IEnumerable<int> CodePoints(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                yield return char.ConvertToUtf32(text[i], text[i + 1]);
                i++;
            }
            else
            {
                yield return text[i];
            }
        }
    }

    public static StringBuilder AppendCodePoint(this StringBuilder builder, int codePoint)
    {
        if (codePoint < 0x10000)
            return builder.Append((char)codePoint);
        codePoint -= 0x10000;
        return builder.Append((char)(0xD800 + (codePoint >> 10))).Append((char)(0xDC00 + (codePoint & 0x3FF)));
    }

    public static string FromCodePoint(int codePoint) => new StringBuilder(2).AppendCodePoint(codePoint).ToString();
}
