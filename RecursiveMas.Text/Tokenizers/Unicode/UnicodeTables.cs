using System.Collections.Concurrent;
using System.Globalization;

namespace RecursiveMas.Tokenizers.Unicode;

/// <summary>Unicode data of the tokenizer pipeline. The .NET runtime's own follow other versions of Unicode and, for normalisation, the platform.</summary>
internal static partial class UnicodeTables
{
    private static readonly Lazy<CodePointSet[]> s_categories = new(ReadCategories);
    private static readonly Lazy<CodePointMap> s_word = new(() => CodePointMap.Of(ReadSet(WordData)));
    private static readonly Lazy<CodePointMap> s_spaces = new(() => CodePointMap.Of(ReadSet(SpacesData)));
    private static readonly Lazy<CodePointMap> s_punctuation = new(() => CodePointMap.Of(ReadSet(PunctuationData)));
    private static readonly Lazy<CodePointMap> s_numeric = new(() => CodePointMap.Of(ReadSet(NumericData)));
    private static readonly Lazy<CodePointMap> s_accents = new(() => CodePointMap.Of(ReadSet(AccentsData)));
    private static readonly Lazy<CodePointMap> s_combiningClasses = new(() => CodePointMap.FromRanges(ReadRuns(CombiningClassesData)));
    private static readonly Lazy<Dictionary<int, int[]>> s_canonical = new(() => ReadMap(CanonicalDecompositionsData));
    private static readonly Lazy<Dictionary<int, int[]>> s_compatibility = new(() => ReadMap(CompatibilityDecompositionsData));
    private static readonly Lazy<Dictionary<(int, int), int>> s_compositions =
        new(() => ReadMap(CompositionsData).ToDictionary(entry => (entry.Value[0], entry.Value[1]), entry => entry.Key));

    private static readonly Lazy<Dictionary<int, int[]>> s_lowerCase = new(() => ReadMap(LowerCaseData));

    /// <summary>Word characters of the Whitespace pre-tokenizer and of single_word (not those of \w in Split).</summary>
    public static CodePointMap Word => s_word.Value;

    /// <summary>White space of pre-tokenizers and of the stripping normaliser.</summary>
    public static CodePointMap Spaces => s_spaces.Value;

    public static CodePointMap Punctuation => s_punctuation.Value;

    public static CodePointMap Numeric => s_numeric.Value;

    public static CodePointMap Accents => s_accents.Value;

    public static CodePointMap CombiningClasses => s_combiningClasses.Value;

    /// <summary>Full canonical decompositions, without Hangul syllables.</summary>
    public static IReadOnlyDictionary<int, int[]> CanonicalDecompositions => s_canonical.Value;

    /// <summary>Full compatibility decompositions where they differ from the canonical ones.</summary>
    public static IReadOnlyDictionary<int, int[]> CompatibilityDecompositions => s_compatibility.Value;

    /// <summary>Primary composites by their pair.</summary>
    public static IReadOnlyDictionary<(int First, int Second), int> Compositions => s_compositions.Value;

    public static IReadOnlyDictionary<int, int[]> LowerCase => s_lowerCase.Value;

    private static readonly ConcurrentDictionary<string, CodePointSet> s_properties = new(StringComparer.Ordinal);
    private static readonly Lazy<CodePointSet> s_regexWord = new(() => ReadSet(RegexWordData));
    private static readonly Lazy<CodePointSet> s_regexWordInClass =
        new(() => ReadSet(RegexWordData).Intersect(CodePointSet.Of("\u00B2\u00B3\u00B9\u00BC\u00BD\u00BE").Complement()));

    private static readonly Lazy<CodePointSet> s_regexSpace = new(() => ReadSet(RegexSpaceData));

    /// <summary>The set of a regular expression's property such as L, Lu, or Han; null if it is not known.</summary>
    public static CodePointSet? Property(string name)
    {
        // Unknown names are not kept: a file could hold any number of them.
        if (s_properties.TryGetValue(name, out CodePointSet? known))
            return known;
        CodePointSet? set = ReadProperty(name);
        return set is null ? null : s_properties.GetOrAdd(name, set);
    }

    private static CodePointSet? ReadProperty(string name) => name switch
    {
        "Any" => CodePointSet.All,
        "Arabic" => ReadSet(ScriptArabicData),
        "Cyrillic" => ReadSet(ScriptCyrillicData),
        "Devanagari" => ReadSet(ScriptDevanagariData),
        "Greek" => ReadSet(ScriptGreekData),
        "Han" => ReadSet(ScriptHanData),
        "Hangul" => ReadSet(ScriptHangulData),
        "Hebrew" => ReadSet(ScriptHebrewData),
        "Hiragana" => ReadSet(ScriptHiraganaData),
        "Katakana" => ReadSet(ScriptKatakanaData),
        "Latin" => ReadSet(ScriptLatinData),
        "Thai" => ReadSet(ScriptThaiData),
        "L" => Categories(UnicodeCategory.UppercaseLetter, UnicodeCategory.OtherLetter),
        "M" => Categories(UnicodeCategory.NonSpacingMark, UnicodeCategory.EnclosingMark),
        "N" => Categories(UnicodeCategory.DecimalDigitNumber, UnicodeCategory.OtherNumber),
        "Z" => Categories(UnicodeCategory.SpaceSeparator, UnicodeCategory.ParagraphSeparator),
        "C" => Categories(
            UnicodeCategory.Control,
            UnicodeCategory.PrivateUse).Union(Categories(UnicodeCategory.OtherNotAssigned, UnicodeCategory.OtherNotAssigned)),
        "P" => Categories(UnicodeCategory.ConnectorPunctuation, UnicodeCategory.OtherPunctuation),
        "S" => Categories(UnicodeCategory.MathSymbol, UnicodeCategory.OtherSymbol),
        _ => Array.IndexOf(s_categoryNames, name) is >= 0 and int index ? s_categories.Value[index] : null,
    };

    /// <summary>\w of regular expressions.</summary>
    public static CodePointSet RegexWord() => s_regexWord.Value;

    /// <summary>\w inside brackets, where the reference engine leaves out the numbers of Latin-1 that are no digits.</summary>
    public static CodePointSet RegexWordInClass() => s_regexWordInClass.Value;

    /// <summary>\s of regular expressions.</summary>
    public static CodePointSet RegexSpace() => s_regexSpace.Value;

    /// <summary>\d of regular expressions.</summary>
    public static CodePointSet RegexDigit() => s_categories.Value[(int)UnicodeCategory.DecimalDigitNumber];

    // In the order of UnicodeCategory.
    private static readonly string[] s_categoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static CodePointSet Categories(UnicodeCategory first, UnicodeCategory last) =>
        CodePointSet.FromRanges(s_categories.Value[(int)first..((int)last + 1)].SelectMany(set => set.Ranges()));

    private static CodePointSet[] ReadCategories()
    {
        var ranges = new List<(int, int)>[s_categoryNames.Length];
        for (int i = 0; i < ranges.Length; i++)
            ranges[i] = [];
        foreach ((int start, int end, byte category) in ReadRuns(CategoriesData))
            ranges[category].Add((start, end));
        return [.. ranges.Select(CodePointSet.FromRanges)];
    }

    private static CodePointSet ReadSet(ReadOnlySpan<byte> data)
    {
        var ranges = new List<(int, int)>();
        int position = 0;
        bool inside = false;
        for (int i = 0; i < data.Length; inside = !inside)
        {
            int length = ReadNumber(data, ref i);
            if (inside)
                ranges.Add((position, position + length - 1));
            position += length;
        }

        return CodePointSet.FromRanges(ranges);
    }

    private static List<(int Start, int End, byte Value)> ReadRuns(ReadOnlySpan<byte> data)
    {
        var runs = new List<(int, int, byte)>();
        int position = 0;
        for (int i = 0; i < data.Length;)
        {
            int length = ReadNumber(data, ref i);
            runs.Add((position, position + length - 1, data[i++]));
            position += length;
        }

        return runs;
    }

    private static Dictionary<int, int[]> ReadMap(ReadOnlySpan<byte> data)
    {
        var map = new Dictionary<int, int[]>();
        int key = 0;
        for (int i = 0; i < data.Length;)
        {
            key += ReadNumber(data, ref i);
            var value = new int[data[i++]];
            for (int k = 0; k < value.Length; k++)
                value[k] = ReadNumber(data, ref i);
            map.Add(key, value);
        }

        return map;
    }

    private static int ReadNumber(ReadOnlySpan<byte> data, ref int index)
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = data[index++];
            value |= (part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
