using System.Text;

namespace RecursiveMas.Tokenizers;

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

    /// <summary>The same for text that comes in parts: holds back what may still change.</summary>
    public sealed class Stream
    {
        private readonly StringBuilder _held = new();

        public string? Append(string text)
        {
            _held.Append(text);

            // Every step begins at a space, and only one goes on to a second space.
            for (int cut = _held.Length - 1; cut > 0; cut--)
            {
                if (_held[cut] == ' ' && !(_held[cut - 1] == '\'' && cut >= 2 && _held[cut - 2] == ' '))
                    return Take(cut);
            }

            return null;
        }

        public string? Finish() => _held.Length > 0 ? Take(_held.Length) : null;

        private string? Take(int count)
        {
            string text = Apply(_held.ToString(0, count));
            _held.Remove(0, count);
            return text.Length > 0 ? text : null;
        }
    }
}
