using System.Globalization;
using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Full case mapping, as Python has it: one character may become several.</summary>
internal static class LetterCase
{
    private const int CapitalSigma = 0x3A3;
    private const int FinalSigma = 0x3C2;

    private static readonly Dictionary<int, string> UpperSpecial = Parse(CharacterData.Upper);
    private static readonly Dictionary<int, string> TitleSpecial = Parse(CharacterData.Title);

    public static string Upper(string text)
    {
        RenderBudget.Text(text.Length);
        if (Ascii.IsValid(text))
            return text.ToUpperInvariant();
        var result = new StringBuilder(text.Length);
        foreach (int point in Characters.CodePoints(text))
            AppendUpper(result, point);
        return result.ToString();
    }

    public static string Lower(string text)
    {
        RenderBudget.Text(text.Length);
        if (Ascii.IsValid(text))
            return text.ToLowerInvariant();
        int[] points = [.. Characters.CodePoints(text)];
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < points.Length; i++)
            AppendLower(result, points, i);
        return result.ToString();
    }

    public static string Title(string text)
    {
        RenderBudget.Text(text.Length);
        int[] points = [.. Characters.CodePoints(text)];
        var result = new StringBuilder(text.Length);
        bool inWord = false;
        for (int i = 0; i < points.Length; i++)
        {
            if (inWord)
                AppendLower(result, points, i);
            else
                AppendTitle(result, points[i]);
            inWord = IsCased(points[i]);
        }

        return result.ToString();
    }

    public static string Capitalize(string text)
    {
        RenderBudget.Text(text.Length);
        int[] points = [.. Characters.CodePoints(text)];
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < points.Length; i++)
        {
            if (i == 0)
                AppendTitle(result, points[i]);
            else
                AppendLower(result, points, i);
        }

        return result.ToString();
    }

    public static string Swap(string text)
    {
        RenderBudget.Text(text.Length);
        int[] points = [.. Characters.CodePoints(text)];
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < points.Length; i++)
        {
            if (IsUpper(points[i]))
                AppendLower(result, points, i);
            else if (IsLower(points[i]))
                AppendUpper(result, points[i]);
            else
                result.AppendCodePoint(points[i]);
        }

        return result.ToString();
    }

    /// <summary>For comparison without case.</summary>
    public static string Fold(string text)
    {
        RenderBudget.Text(text.Length);
        if (Ascii.IsValid(text))
            return text.ToLowerInvariant();
        var result = new StringBuilder(text.Length);
        foreach (int point in Characters.CodePoints(text))
        {
            // Cherokee folds to its capitals.
            if (point is 0x131 or (>= 0x13A0 and <= 0x13F5))
                result.AppendCodePoint(point);
            else if (point is >= 0x13F8 and <= 0x13FD)
                result.AppendCodePoint(point - 8);
            else if (point is >= 0xAB70 and <= 0xABBF)
                result.AppendCodePoint(point - 0xAB70 + 0x13A0);
            else if (point is 0x130 or 0x1E9E)
                result.Append(point == 0x130 ? "i\u0307" : "ss");
            else
                AppendFolded(result, point);
        }

        return result.ToString();
    }

    public static bool IsUpper(int point) =>
        CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.UppercaseLetter || Within(CharacterData.OtherUpper, point);

    public static bool IsLower(int point) =>
        CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.LowercaseLetter || Within(CharacterData.OtherLower, point);

    private static bool IsCased(int point) =>
        IsUpper(point) || IsLower(point) || CharUnicodeInfo.GetUnicodeCategory(point) == UnicodeCategory.TitlecaseLetter;

    private static bool Within((int First, int Last)[] ranges, int point) => point > 127 && Array.Exists(ranges, r => point >= r.First && point <= r.Last);

    private static void AppendFolded(StringBuilder result, int point)
    {
        if (!UpperSpecial.TryGetValue(point, out string? upper))
        {
            result.AppendCodePoint(SimpleLower(SimpleUpper(point)));
            return;
        }

        foreach (int part in Characters.CodePoints(upper))
            result.AppendCodePoint(SimpleLower(part));
    }

    private static void AppendUpper(StringBuilder result, int point)
    {
        if (UpperSpecial.TryGetValue(point, out string? upper))
            result.Append(upper);
        else
            result.AppendCodePoint(SimpleUpper(point));
    }

    private static void AppendTitle(StringBuilder result, int point)
    {
        // Georgian letters have capitals, but no title case.
        if (TitleSpecial.TryGetValue(point, out string? title))
            result.Append(title);
        else if (point is >= 0x10D0 and <= 0x10FF)
            result.AppendCodePoint(point);
        else
            AppendUpper(result, point);
    }

    private static void AppendLower(StringBuilder result, int[] points, int index)
    {
        int point = points[index];
        if (point == CapitalSigma && EndsWord(points, index))
            result.AppendCodePoint(FinalSigma);
        else if (point == 0x130)
            result.Append("i\u0307");
        else
            result.AppendCodePoint(SimpleLower(point));
    }

    /// <summary>A letter stands before and none behind, across characters that casing ignores.</summary>
    private static bool EndsWord(int[] points, int index)
    {
        int before = index - 1;
        while (before >= 0 && IsIgnored(points[before]))
            before--;
        int after = index + 1;
        while (after < points.Length && IsIgnored(points[after]))
            after++;
        RenderBudget.Step((after - before) >> 4);
        return before >= 0 && IsCased(points[before]) && (after == points.Length || !IsCased(points[after]));
    }

    private static bool IsIgnored(int point) => point is '\'' or '.' or ':' or '^' or '`' or 0xA8 or 0xAD or 0xB7 or 0x2018 or 0x2019 or 0x2024 or 0x2027
        || CharUnicodeInfo.GetUnicodeCategory(point) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    // The runtime leaves two letters alone whose capitals are ASCII.
    private static int SimpleUpper(int point) => point switch
    {
        0x131 => 'I',
        0x17F => 'S',
        _ => Rune.TryCreate(point, out Rune rune) ? Rune.ToUpperInvariant(rune).Value : point,
    };

    private static int SimpleLower(int point) => Rune.TryCreate(point, out Rune rune) ? Rune.ToLowerInvariant(rune).Value : point;

    private static Dictionary<int, string> Parse(string data) =>
        data.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(entry => (int)entry[0], entry => entry[1..]);
}
