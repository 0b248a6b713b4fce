using RecursiveMas.Tokenizers.Pipeline;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Builds the parts 'truncation' and 'padding' of a tokenizer.json.</summary>
internal static class LengthRulesReader
{
    private const int WidestPadding = 1 << 20;

    private static readonly Dictionary<string, bool> s_sides = new(StringComparer.Ordinal) { ["Left"] = true, ["Right"] = false };

    private static readonly Dictionary<string, bool> s_strategies =
        new(StringComparer.Ordinal) { ["LongestFirst"] = true, ["OnlyFirst"] = true, ["OnlySecond"] = false };

    public static LengthRules Read(JsonRead? truncation, JsonRead? padding)
    {
        LengthRules rules = LengthRules.None;
        if (truncation is { } cut)
            rules = ReadTruncation(cut, rules);
        return padding is { } pad ? ReadPadding(pad, rules) : rules;
    }

    private static LengthRules ReadTruncation(JsonRead cut, LengthRules rules)
    {
        rules = rules with { MaxLength = cut.Number("max_length"), TruncatesLeft = cut.Choice("direction", s_sides, "Right") };
        cut.Number("stride");
        return cut.Choice("strategy", s_strategies)
            ? rules
            : throw new UnsupportedCheckpointException(cut.File, "'truncation.strategy' is OnlySecond, but there is only one text.");
    }

    private static LengthRules ReadPadding(JsonRead pad, LengthRules rules)
    {
        rules = rules with
        {
            Pads = true,
            PadsLeft = pad.Choice("direction", s_sides),
            PaddedMultiple = pad.Number("pad_to_multiple_of", 0),
            PadId = pad.Number("pad_id"),
            PaddedLength = pad.Part("strategy").HasKey("Fixed") ? pad.Part("strategy").Number("Fixed") : null,
        };
        if (rules.PaddedLength is null && pad.Text("strategy") != "BatchLongest")
            throw pad.Wrong("strategy", "BatchLongest or an object with 'Fixed'");
        return rules.PaddedLength > WidestPadding || rules.PaddedMultiple > WidestPadding
            ? throw pad.Wrong("strategy", $"at most {WidestPadding} wide")
            : rules;
    }
}
