using System.Globalization;
using System.Text;

namespace RecursiveMas.Shared;

/// <summary>Characters of words as Python's regular expressions see them.</summary>
internal static class WordCharacter
{
    /// <summary>\w: letters and numbers of any script, and the underscore.</summary>
    public static bool Is(Rune rune) =>
        rune.Value == '_'
        || Rune.IsLetter(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
