namespace RecursiveMas.Tokenizers;

/// <summary>Truncation and padding that a tokenizer.json asks for on every encoding.</summary>
internal sealed record LengthRules
{
    private static readonly Dictionary<string, bool> s_sides = new(StringComparer.Ordinal) { ["Left"] = true, ["Right"] = false };

    private static readonly Dictionary<string, bool> s_strategies =
        new(StringComparer.Ordinal) { ["LongestFirst"] = true, ["OnlyFirst"] = true, ["OnlySecond"] = false };

    private int? _longest;
    private bool _cutLeft;
    private int? _width;
    private int _multiple;
    private bool _padLeft;
    private bool _pads;
    private int _padId;

    public static LengthRules None { get; } = new();

    public static LengthRules Read(JsonRead? truncation, JsonRead? padding)
    {
        var rules = new LengthRules();
        if (truncation is { } cut)
        {
            rules._longest = cut.Number("max_length");
            rules._cutLeft = cut.Choice("direction", s_sides, "Right");
            cut.Number("stride");
            if (!cut.Choice("strategy", s_strategies))
                throw new UnsupportedCheckpointException(cut.File, "'truncation.strategy' is OnlySecond, but there is only one text.");
        }

        if (padding is not { } pad)
            return rules;
        rules._pads = true;
        rules._padLeft = pad.Choice("direction", s_sides);
        rules._multiple = pad.Number("pad_to_multiple_of", 0);
        rules._padId = pad.Number("pad_id");
        rules._width = pad.Part("strategy").HasKey("Fixed") ? pad.Part("strategy").Number("Fixed") : null;
        if (rules._width is null && pad.Text("strategy") != "BatchLongest")
            throw pad.Wrong("strategy", "BatchLongest or an object with 'Fixed'");
        const int widest = 1 << 20;
        if (rules._width > widest || rules._multiple > widest)
            throw pad.Wrong("strategy", $"at most {widest} wide");
        return rules;
    }

    /// <summary>Cuts tokens so that they and the special ones fit.</summary>
    public List<T> Truncate<T>(List<T> tokens, int specialCount)
    {
        if (_longest is not { } longest)
            return tokens;
        int kept = Math.Max(longest - specialCount, 0);
        if (tokens.Count <= kept)
            return tokens;
        return _cutLeft ? tokens[^kept..] : tokens[..kept];
    }

    public List<T> Pad<T>(List<T> tokens, Func<int, T> special)
    {
        if (!_pads)
            return tokens;
        int width = Math.Max(_width ?? 0, tokens.Count);
        if (_multiple > 0)
            width = (width + _multiple - 1) / _multiple * _multiple;
        IEnumerable<T> fill = Enumerable.Repeat(special(_padId), width - tokens.Count);
        return _padLeft ? [.. fill, .. tokens] : [.. tokens, .. fill];
    }
}
