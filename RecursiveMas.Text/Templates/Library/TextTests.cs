using System.Globalization;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>str.isalpha and its relatives.</summary>
internal static class TextTests
{
    private static readonly HashSet<int> HanNumbers = [.. Characters.CodePoints(CharacterData.HanNumbers)];

    public static bool IsAlpha(string text) => All(text, IsLetter);

    public static bool IsDecimal(string text) => All(text, p => Category(p) == UnicodeCategory.DecimalDigitNumber);

    public static bool IsDigit(string text) => All(text, p => Digit(p) >= 0);

    public static bool IsNumeric(string text) => All(text, HasNumber);

    public static bool IsAlphaNumeric(string text) => All(text, p => IsLetter(p) || HasNumber(p));

    public static bool IsUpper(string text) => HasCase(text, LetterCase.IsUpper, LetterCase.IsLower);

    public static bool IsLower(string text) => HasCase(text, LetterCase.IsLower, LetterCase.IsUpper);

    public static bool IsTitle(string text)
    {
        bool cased = false;
        bool inWord = false;
        foreach (int point in Characters.CodePoints(text))
        {
            bool upper = LetterCase.IsUpper(point) || IsTitleCase(point);
            if (upper && inWord || LetterCase.IsLower(point) && !inWord)
                return false;
            inWord = upper || LetterCase.IsLower(point);
            cased |= inWord;
        }

        return cased;
    }

    private static bool HasCase(string text, Func<int, bool> wanted, Func<int, bool> other)
    {
        bool found = false;
        foreach (int point in Characters.CodePoints(text))
        {
            if (other(point) || IsTitleCase(point))
                return false;
            found |= wanted(point);
        }

        return found;
    }

    private static bool IsLetter(int point) => Category(point) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    private static bool HasNumber(int point)
    {
        string character = char.ConvertFromUtf32(point);
        // -1 means that there is none; U+0F33 is worth minus a half.
        return CharUnicodeInfo.GetNumericValue(character, 0) is not -1 || HanNumbers.Contains(point);
    }

    private static bool IsTitleCase(int point) => Category(point) == UnicodeCategory.TitlecaseLetter;

    private static int Digit(int point) => point is >= 0xD800 and <= 0xDFFF ? -1 : CharUnicodeInfo.GetDigitValue(char.ConvertFromUtf32(point), 0);

    private static UnicodeCategory Category(int point) => CharUnicodeInfo.GetUnicodeCategory(point);

    private static bool All(string text, Func<int, bool> holds) =>
        text.Length > 0 && Characters.CodePoints(text).All(p => p is < 0xD800 or > 0xDFFF && holds(p));
}
