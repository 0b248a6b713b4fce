using System.Text;

namespace RecursiveMas.Tokenizers.Decoders;

/// <summary>
/// A decoder at work on tokens as they come. It takes the text of a token in one or several parts, then the token's end, and hands on
/// at once what no later token can change; what it holds back comes when the text ends. All that it hands on, joined, is what
/// <see cref="TokenDecoder.Apply"/> makes of all tokens together.
/// </summary>
/// <param name="next">Takes what this step hands on.</param>
internal abstract class DecoderStream(DecoderStream? next)
{
    /// <summary>Whether the bytes of a character have come in part.</summary>
    public virtual bool IsInsideCharacter => next?.IsInsideCharacter ?? false;

    protected DecoderStream Next => next!;

    /// <summary>A part of the current token.</summary>
    public abstract void Add(string part);

    /// <summary>The current token has ended.</summary>
    public abstract void EndToken();

    /// <summary>No token follows.</summary>
    public virtual void EndText() => Next.EndText();

    protected void PassOn(string token)
    {
        Next.Add(token);
        Next.EndToken();
    }
}

/// <summary>The end of every chain.</summary>
/// <param name="text">Receives the text.</param>
internal sealed class TextStream(StringBuilder text) : DecoderStream(null)
{
    public override void Add(string part) => text.Append(part);

    public override void EndToken()
    {
    }

    public override void EndText()
    {
    }
}

/// <summary>A step that can say nothing of a token before it has all of it.</summary>
internal abstract class WholeTokenStream(DecoderStream next) : DecoderStream(next)
{
    private readonly StringBuilder _token = new();

    public sealed override void Add(string part) => _token.Append(part);

    public sealed override void EndToken()
    {
        string token = _token.ToString();
        _token.Clear();
        Take(token);
    }

    protected abstract void Take(string token);
}

/// <summary>All tokens to one.</summary>
/// <param name="next">Takes it.</param>
/// <param name="separator">Stands between two tokens.</param>
internal sealed class FusingStream(DecoderStream next, string separator = "") : DecoderStream(next)
{
    private bool _owesSeparator;

    public override void Add(string part)
    {
        if (_owesSeparator)
            Next.Add(separator);
        _owesSeparator = false;
        Next.Add(part);
    }

    public override void EndToken()
    {
        Add("");
        _owesSeparator = true;
    }

    public override void EndText()
    {
        Next.EndToken();
        base.EndText();
    }
}

/// <summary>Tokens are bytes of one text, whatever stands between them.</summary>
internal sealed class ByteLevelStream(DecoderStream next) : WholeTokenStream(next)
{
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private readonly List<byte> _bytes = [];

    // The decoder does not show its state; whether a flush would yield more tells the same.
    public override bool IsInsideCharacter => _utf8.GetCharCount([], flush: true) > 0 || base.IsInsideCharacter;

    public override void EndText()
    {
        Convert([], flush: true);
        Next.EndToken();
        base.EndText();
    }

    protected override void Take(string token)
    {
        _bytes.Clear();
        ByteLevelDecoder.AppendBytes(token, _bytes);
        Convert([.. _bytes], flush: false);
    }

    private void Convert(byte[] bytes, bool flush)
    {
        char[] characters = new char[_utf8.GetCharCount(bytes, flush)];
        _utf8.GetChars(bytes, characters, flush);
        if (characters.Length > 0)
            Next.Add(new string(characters));
    }
}

/// <summary>Waits for the end of a run of bytes: one that is wrong makes U+FFFD of them all.</summary>
internal sealed class ByteFallbackStream(DecoderStream next) : WholeTokenStream(next)
{
    private readonly List<byte> _run = [];

    public override void EndText()
    {
        Flush();
        base.EndText();
    }

    protected override void Take(string token)
    {
        int value = ByteFallbackDecoder.ByteOf(token);
        if (value >= 0)
        {
            _run.Add((byte)value);
            return;
        }

        Flush();
        PassOn(token);
    }

    private void Flush()
    {
        foreach (string token in ByteFallbackDecoder.TokensOf(_run))
            PassOn(token);
        _run.Clear();
    }
}

/// <summary>Marks of word ends: what follows a mark waits, because the last token has none.</summary>
internal sealed class SuffixStream(DecoderStream next, string suffix) : WholeTokenStream(next)
{
    private string? _waiting;

    public override void EndText()
    {
        Release(mark: "");
        base.EndText();
    }

    protected override void Take(string token)
    {
        Release(mark: " ");
        int at = token.IndexOf(suffix, StringComparison.Ordinal);
        Next.Add(at < 0 ? token : token[..at]);
        _waiting = at < 0 ? "" : token[at..];
    }

    private void Release(string mark)
    {
        if (_waiting is null)
            return;
        PassOn(_waiting.Replace(suffix, mark, StringComparison.Ordinal));
        _waiting = null;
    }
}

/// <summary>Replaces a text wherever it stands in a token, though its parts may come one by one.</summary>
/// <param name="next">Takes the result.</param>
/// <param name="wanted">What is replaced, not empty.</param>
/// <param name="replacement">What it becomes, by the token's place.</param>
internal sealed class ReplacingStream(DecoderStream next, string wanted, Func<int, string> replacement) : DecoderStream(next)
{
    private string _held = "";
    private int _tokens;

    public override void Add(string part)
    {
        string text = _held + part;
        int done = 0;
        for (int at; (at = text.IndexOf(wanted, done, StringComparison.Ordinal)) >= 0; done = at + wanted.Length)
            Next.Add(text[done..at] + replacement(_tokens));
        int partial = PartialMatch(text.AsSpan(done));
        _held = text[^partial..];
        if (text.Length - partial > done)
            Next.Add(text[done..^partial]);
    }

    public override void EndToken()
    {
        PassOn(_held);
        _held = "";
        _tokens++;
    }

    /// <summary>Length of the end of a text with which the wanted text may begin.</summary>
    private int PartialMatch(ReadOnlySpan<char> text)
    {
        int length = Math.Min(text.Length, wanted.Length - 1);
        while (length > 0 && !wanted.AsSpan().StartsWith(text[^length..], StringComparison.Ordinal))
            length--;
        return length;
    }
}

/// <summary>A step of which nothing but its work on a whole token is known.</summary>
internal sealed class TokenMapStream(DecoderStream next, Func<string, string> map) : WholeTokenStream(next)
{
    protected override void Take(string token) => PassOn(map(token));
}

/// <summary>Removes up to so many of a character from both ends of every token.</summary>
internal sealed class StrippingStream(DecoderStream next, string wanted, int start, int stop) : DecoderStream(next)
{
    private string _held = "";
    private int _stripped;

    public override void Add(string part)
    {
        string text = _held + part;
        while (_stripped < start && text.StartsWith(wanted, StringComparison.Ordinal))
        {
            text = text[wanted.Length..];
            _stripped++;
        }

        if (_stripped < start && wanted.StartsWith(text, StringComparison.Ordinal))
        {
            _held = text;
            return;
        }

        _stripped = start;
        int keep = Trailing(text) * wanted.Length;
        _held = text[^keep..];
        if (text.Length > keep)
            Next.Add(text[..^keep]);
    }

    public override void EndToken()
    {
        PassOn(_held[..^(Trailing(_held) * wanted.Length)]);
        _held = "";
        _stripped = 0;
    }

    /// <summary>How many of the character at the end of a text would go if it ended here.</summary>
    private int Trailing(ReadOnlySpan<char> text)
    {
        int count = 0;
        for (; count < stop && text.EndsWith(wanted, StringComparison.Ordinal); count++)
            text = text[..^wanted.Length];
        return count;
    }
}
