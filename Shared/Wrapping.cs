namespace RecursiveMas.Shared;

/// <summary>Takes off what stands around a value for show: bold marks, mathematics delimiters, one full stop.</summary>
internal static class Wrapping
{
    private static readonly (string Open, string Close)[] s_pairs =
    [
        ("**", "**"), ("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("__", "__"), ("`", "`"),
    ];

    public static string Remove(string value)
    {
        value = TextTrim.Both(value);
        // Bold may begin before the label that the value stands behind.
        value = TextTrim.Both(value.StartsWith("**", StringComparison.Ordinal) && value.IndexOf("**", 2, StringComparison.Ordinal) < 0 ? value[2..] : value);
        value = TextTrim.Both(value.EndsWith("**", StringComparison.Ordinal) && value.IndexOf("**", StringComparison.Ordinal) == value.Length - 2
            ? value[..^2]
            : value);
        for (int depth = 0; depth < 4; depth++)
        {
            string before = value;
            if (value.EndsWith('.') && !value.EndsWith("..", StringComparison.Ordinal))
                value = TextTrim.Both(value[..^1]);
            foreach ((string open, string close) in s_pairs)
            {
                // A second delimiter inside means that there are two formulas, not one.
                if (value.Length >= open.Length + close.Length
                    && value.StartsWith(open, StringComparison.Ordinal)
                    && value.IndexOf(close, open.Length, StringComparison.Ordinal) == value.Length - close.Length)
                    value = TextTrim.Both(value[open.Length..^close.Length]);
            }

            if (value.Length == before.Length)
                break;
        }

        return value;
    }
}
