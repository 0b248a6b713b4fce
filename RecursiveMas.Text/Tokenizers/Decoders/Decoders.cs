using System.Globalization;
using System.Text;
using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.Regex;

namespace RecursiveMas.Tokenizers.Decoders;

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

    public override DecoderStream Stream(DecoderStream next) => new ByteLevelStream(next);

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

            result.AddRange(TokensOf(run));
            run.Clear();
            result.Add(token);
        }

        result.AddRange(TokensOf(run));
        tokens.Clear();
        tokens.AddRange(result);
    }

    public override DecoderStream Stream(DecoderStream next) => new ByteFallbackStream(next);

    /// <summary>The byte that a token stands for, or -1.</summary>
    public static int ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' && char.IsAscii(token[3]) && char.IsAscii(token[4])
            && byte.TryParse(
                token[3] == '+' ? token.AsSpan(4, 1) : token.AsSpan(3, 2),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out byte value)
            ? value
            : -1;

    /// <summary>What a run of bytes becomes.</summary>
    public static string[] TokensOf(List<byte> run)
    {
        byte[] bytes = [.. run];
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            return [.. Enumerable.Repeat("\uFFFD", bytes.Length)];
        return bytes.Length == 0 ? [] : [s_strict.GetString(bytes)];
    }
}

/// <summary>The visible space back to a space; the first token loses it where it was only put in front.</summary>
internal sealed class MetaspaceDecoder(string replacement, bool prefixed) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
            tokens[i] = tokens[i].Replace(replacement, Of(i), StringComparison.Ordinal);
    }

    public override DecoderStream Stream(DecoderStream next) => new ReplacingStream(next, replacement, Of);

    private string Of(int place) => place == 0 && prefixed ? "" : " ";
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

    public override DecoderStream Stream(DecoderStream next) => suffix.Length == 0 ? next : new SuffixStream(next, suffix);
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

    public override DecoderStream Stream(DecoderStream next) => new FusingStream(next);
}

/// <summary>Removes up to so many of a character from both ends of every token.</summary>
internal sealed class StripDecoder(int character, int start, int stop) : TokenDecoder
{
    private readonly string _wanted = new Rune(character).ToString();

    public override void Apply(List<string> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            ReadOnlySpan<char> token = tokens[i];
            for (int k = 0; k < start && token.StartsWith(_wanted, StringComparison.Ordinal); k++)
                token = token[_wanted.Length..];
            for (int k = 0; k < stop && token.EndsWith(_wanted, StringComparison.Ordinal); k++)
                token = token[..^_wanted.Length];
            if (token.Length != tokens[i].Length)
                tokens[i] = token.ToString();
        }
    }

    public override DecoderStream Stream(DecoderStream next) => new StrippingStream(next, _wanted, start, stop);
}

internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        var growth = new Growth();
        for (int i = 0; i < tokens.Count; i++)
            tokens[i] = Replaced(tokens[i], growth, i);
    }

    public override DecoderStream Stream(DecoderStream next)
    {
        var growth = new Growth();
        int tokens = 0;
        if (pattern.Literal is not { } literal)
            return new TokenMapStream(next, token => Replaced(token, growth, tokens++));
        return literal.Length == 0 ? next : new ReplacingStream(next, literal, place =>
        {
            growth.Add(content.Length - literal.Length, place);
            return content;
        });
    }

    private string Replaced(string token, Growth growth, int place)
    {
        string replaced = Replaced(token);
        growth.Add(replaced.Length - token.Length, place);
        return replaced;
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

    /// <summary>A hostile tokenizer must not blow a text up: a sequence of replacements multiplies.</summary>
    private sealed class Growth
    {
        private long _total;

        public void Add(int more, int place)
        {
            long limit = 1_000_000 + (64L * (place + 1));
            _total += Math.Max(more, 0);
            if (_total > limit)
                throw new TokenizationException($"The tokenizer's decoder makes a text more than {limit:N0} characters longer. Repair its file.");
        }
    }
}
