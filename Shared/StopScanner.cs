namespace RecursiveMas.Shared;

/// <summary>Watches streamed text for stop sequences, and holds back what may be the beginning of one.</summary>
internal sealed class StopScanner(IReadOnlyList<string> sequences)
{
    private string _held = "";

    /// <summary>The sequence that was found; null while none was.</summary>
    public string? Found { get; private set; }

    /// <summary>Takes the next piece of text and returns what is certain to stand before any stop sequence.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="last">Whether the text ends here, so that nothing needs to be held back.</param>
    public string Append(string text, bool last)
    {
        if (sequences.Count == 0)
            return text;
        string all = _held + text;
        int first = -1;
        foreach (string sequence in sequences)
        {
            int at = all.IndexOf(sequence, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first))
                (first, Found) = (at, sequence);
        }

        int certain = Found is not null ? first : last ? all.Length : all.Length - OpenEnd(all);
        _held = all[certain..];
        return all[..certain];
    }

    /// <summary>Length of the longest end of a text with which a sequence begins.</summary>
    private int OpenEnd(string text)
    {
        int longest = 0;
        foreach (string sequence in sequences)
        {
            for (int length = Math.Min(sequence.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(sequence.AsSpan(0, length)))
                    longest = length;
            }
        }

        return longest;
    }
}
