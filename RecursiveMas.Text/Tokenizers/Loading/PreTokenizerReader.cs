using RecursiveMas.Tokenizers.PreTokenizers;
using RecursiveMas.Tokenizers.Regex;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Builds the part 'pre_tokenizer' of a tokenizer.json as a flat list of steps.</summary>
internal static class PreTokenizerReader
{
    private static readonly Dictionary<string, SplitBehavior> s_behaviors = new(StringComparer.Ordinal)
    {
        ["Isolated"] = SplitBehavior.Isolated,
        ["Removed"] = SplitBehavior.Removed,
        ["MergedWithPrevious"] = SplitBehavior.MergedWithPrevious,
        ["MergedWithNext"] = SplitBehavior.MergedWithNext,
        ["Contiguous"] = SplitBehavior.Contiguous,
    };

    private static readonly Dictionary<string, PrependScheme> s_schemes = new(StringComparer.Ordinal)
    {
        ["first"] = PrependScheme.First,
        ["never"] = PrependScheme.Never,
        ["always"] = PrependScheme.Always,
    };

    private static readonly Dictionary<string, Func<JsonRead, IEnumerable<PiecePreTokenizer>>> s_types = new(StringComparer.Ordinal)
    {
        ["Sequence"] = part => part.List("pretokenizers").SelectMany(ReadSteps),
        ["Split"] = part => [new SplitPreTokenizer(PatternReader.Read(part.Part("pattern")), part.Choice("behavior", s_behaviors), part.Flag("invert"))],
        ["ByteLevel"] = ReadByteLevel,
        ["Metaspace"] = part => [new MetaspacePreTokenizer(part.Character("replacement"), ReadScheme(part), part.Flag("split", true))],
        ["Digits"] = part => [
            new ClassSplitPreTokenizer(UnicodeTables.Numeric, part.Flag("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
        ],
        ["Punctuation"] = part => [new ClassSplitPreTokenizer(UnicodeTables.Punctuation, part.Choice("behavior", s_behaviors, "Isolated"))],
        ["Whitespace"] = _ => [new WhitespacePreTokenizer()],
        ["WhitespaceSplit"] = _ => [new ClassSplitPreTokenizer(UnicodeTables.Spaces, SplitBehavior.Removed)],
    };

    public static IReadOnlyList<PiecePreTokenizer> Read(JsonRead part) => [.. ReadSteps(part)];

    /// <summary>The older form of the file has add_prefix_space instead of a scheme.</summary>
    public static PrependScheme ReadScheme(JsonRead part)
    {
        if (part.Has("prepend_scheme"))
        {
            PrependScheme scheme = part.Choice("prepend_scheme", s_schemes);
            if (part.Has("add_prefix_space") && !part.Flag("add_prefix_space") && scheme != PrependScheme.Never)
                throw part.Wrong("prepend_scheme", "'never' where add_prefix_space is false");
            return scheme;
        }

        return part.Flag("add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never;
    }

    private static IEnumerable<PiecePreTokenizer> ReadSteps(JsonRead part) => part.Choice("type", s_types)(part);

    private static IEnumerable<PiecePreTokenizer> ReadByteLevel(JsonRead part)
    {
        if (part.Flag("add_prefix_space"))
            yield return new PrefixSpacePreTokenizer();
        if (part.Flag("use_regex", true))
            yield return new SplitPreTokenizer(TextPattern.OfRegex(SplitPreTokenizer.ByteLevelPattern, part.File), SplitBehavior.Isolated, invert: false);
        yield return new ByteAlphabetPreTokenizer();
    }
}
