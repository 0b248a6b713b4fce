using System.Globalization;

namespace RecursiveMas.Answers;

/// <summary>A token of a sentence: a word, or a number or formula.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Index behind it.</param>
/// <param name="Word">It in small letters and without marks; empty for what is too long for a word.</param>
/// <param name="IsFormula">Whether it is a number, a formula or one letter of one, rather than a word.</param>
internal readonly record struct ValueToken(int Start, int End, string Word, bool IsFormula)
{
    private const string Marks = "*_`\"'“”‘’,.:;";
    private const int LongestWord = 16;

    private static readonly HashSet<string> s_functions =
        Words.Set("pi infinity sin cos tan cot sec csc arcsin arccos arctan log ln exp sqrt gcd lcm max min det");

    public static ValueToken Of(string text, int start, int end)
    {
        ReadOnlySpan<char> token = text.AsSpan(start, end - start), bare = token.Trim(Marks);
        string word = bare.Length > LongestWord ? "" : bare.ToString().ToLowerInvariant();
        return new ValueToken(start, end, word, token.StartsWith("..") || Calculates(bare));
    }

    /// <summary>Whether a token says nothing: dots, an emoji.</summary>
    public static bool IsOrnament(ReadOnlySpan<char> token)
    {
        foreach (char letter in token.TrimEnd(','))
        {
            UnicodeCategory category = char.GetUnicodeCategory(letter);
            if (letter != '.' && category is not (UnicodeCategory.OtherSymbol or UnicodeCategory.Surrogate or UnicodeCategory.NonSpacingMark))
                return false;
        }

        return token.Length > 1 || token[0] > 'z';
    }

    private static bool Calculates(ReadOnlySpan<char> token)
    {
        if (token.Length == 1 && char.IsAsciiLetter(token[0]))
            return token[0] is not ('a' or 'I');
        if (IsFunction(token))
            return true;
        if (token is ['(' or '[', ..] && HoldsWords(token))
            return false;
        bool letters = false;
        for (int at = 0; at < token.Length; at++)
        {
            if (token[at] is '\\' or '$' or '=' or '^' or '+' or '<' or '>' or '(' or '[' or '{' or '%' || char.GetUnicodeCategory(token[at])
                is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherNumber or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol)
                return true;
            letters |= at > 0 && char.IsLetter(token[at]) && char.IsLetter(token[at - 1]);
        }

        // "x/y", but not "km/h", and not a lone dash.
        return !letters && token.Length > 0 && token.ContainsAny("/*-") && token is not ("-" or "--");
    }

    /// <summary>Whether brackets hold words rather than numbers or formulas: "(see above)".</summary>
    private static bool HoldsWords(ReadOnlySpan<char> token)
    {
        if (token.ContainsAnyInRange('0', '9') || token.ContainsAny('\\', '$'))
            return false;
        for (int at = 0; at < token.Length;)
        {
            int end = at;
            while (end < token.Length && char.IsLetter(token[end]))
                end++;
            if (end - at > 1 && !IsFunction(token[at..end]))
                return true;
            at = Math.Max(end, at + 1);
        }

        return false;
    }

    private static bool IsFunction(ReadOnlySpan<char> token) => s_functions.GetAlternateLookup<ReadOnlySpan<char>>().Contains(token);
}
