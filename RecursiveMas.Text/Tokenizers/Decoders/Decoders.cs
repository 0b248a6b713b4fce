using System.Globalization;
using System.Text;

namespace RecursiveMas.Tokenizers;

/// <summary>Characters of the byte alphabet back to bytes, all tokens together.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (string token in tokens)
            AppendBytes(token, bytes);
        tokens.Clear();
        tokens.Add(Encoding.UTF8.GetString([.. bytes]));
    }

    /// <summary>Adds the bytes that a token stands for; a token with any other character stands for itself.</summary>
    public static void AppendBytes(string token, List<byte> bytes)
    {
        int before = bytes.Count;
        foreach (char c in token)
        {
            int value = ByteAlphabet.ToByte(c);
            if (value < 0)
            {
                bytes.RemoveRange(before, bytes.Count - before);
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
                return;
            }

            bytes.Add((byte)value);
        }
    }
}

/// <summary>Runs of tokens like &lt;0xE4&gt; to the characters that their bytes form; U+FFFD for each byte of a run that is not valid.</summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public override void Apply(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (string token in tokens)
        {
            int value = ByteOf(token);
            if (value >= 0)
            {
                run.Add((byte)value);
                continue;
            }

            Flush(run, result);
            result.Add(token);
        }

        Flush(run, result);
        tokens.Clear();
        tokens.AddRange(result);
    }

    private static int ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' && char.IsAscii(token[3]) && char.IsAscii(token[4])
            && byte.TryParse(token[3] == '+' ? token.AsSpan(4, 1) : token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
            ? value
            : -1;

    private static void Flush(List<byte> run, List<string> result)
    {
        if (run.Count == 0)
            return;
        byte[] bytes = [.. run];
        run.Clear();
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            result.Add(s_strict.GetString(bytes));
        else
            result.AddRange(Enumerable.Repeat("\uFFFD", bytes.Length));
    }
}

/// <summary>The visible space back to a space; the first token loses it where it was only put in front.</summary>
internal sealed class MetaspaceDecoder(string replacement, bool prefixed) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
            tokens[i] = tokens[i].Replace(replacement, i == 0 && prefixed ? "" : " ", StringComparison.Ordinal);
    }
}

/// <summary>The marks of word ends to spaces, none after the last token.</summary>
internal sealed class BpeSuffixDecoder(string suffix) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        if (suffix.Length == 0)
            return;
        for (int i = 0; i < tokens.Count; i++)
            tokens[i] = tokens[i].Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal);
    }
}

/// <summary>All tokens to one.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        string whole = string.Concat(tokens);
        tokens.Clear();
        tokens.Add(whole);
    }
}

/// <summary>Removes up to so many of a character from both ends of every token.</summary>
internal sealed class StripDecoder(int character, int start, int stop) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        string wanted = new Rune(character).ToString();
        for (int i = 0; i < tokens.Count; i++)
        {
            ReadOnlySpan<char> token = tokens[i];
            for (int k = 0; k < start && token.StartsWith(wanted, StringComparison.Ordinal); k++)
                token = token[wanted.Length..];
            for (int k = 0; k < stop && token.EndsWith(wanted, StringComparison.Ordinal); k++)
                token = token[..^wanted.Length];
            if (token.Length != tokens[i].Length)
                tokens[i] = token.ToString();
        }
    }
}

internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        // A hostile tokenizer must not blow a text up: a sequence of replacements multiplies.
        long limit = 1_000_000 + (64L * tokens.Count);
        long total = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            long before = tokens[i].Length;
            tokens[i] = Replaced(tokens[i]);
            total += Math.Max(tokens[i].Length - before, 0);
            if (total > limit)
                throw new TokenizationException($"The tokenizer's decoder makes a text more than {limit:N0} characters longer. Repair its file.");
        }
    }

    private string Replaced(string token)
    {
        if (pattern.Literal is not null)
            return pattern.Literal.Length == 0 ? token : token.Replace(pattern.Literal, content, StringComparison.Ordinal);
        var result = new StringBuilder();
        int kept = 0;
        foreach ((int start, int end) in pattern.Matches(token))
        {
            result.Append(token, kept, start - kept).Append(content);
            kept = end;
        }

        return result.Append(token, kept, token.Length - kept).ToString();
    }
}
