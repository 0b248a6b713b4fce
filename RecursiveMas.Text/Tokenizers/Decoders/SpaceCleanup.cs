namespace RecursiveMas.Tokenizers.Decoders;

/// <summary>Removes spaces before punctuation and shortened words, for tokenizers that ask for it.</summary>
internal static class SpaceCleanup
{
    private static readonly (string Old, string New)[] s_steps =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    public static string Apply(string text)
    {
        foreach ((string old, string replacement) in s_steps)
            text = text.Replace(old, replacement, StringComparison.Ordinal);
        return text;
    }

    /// <summary>The same for text that comes in parts.</summary>
    public static DecoderStream Stream(DecoderStream next) =>
        new FusingStream(Enumerable.Reverse(s_steps).Aggregate(next, (following, step) => new ReplacingStream(following, step.Old, _ => step.New)));
}
