using System.Text;
using RecursiveMas.Tokenizers.Decoders;
using RecursiveMas.Tokenizers.Pipeline;

namespace RecursiveMas;

/// <summary>
/// Turns ids into text as they come, and holds back what a later id may still change. All pieces and what <see cref="Finish"/> returns are,
/// joined, the text of all ids together. Belongs to one stream of ids; not for concurrent use.
/// </summary>
public sealed class IncrementalDecoder
{
    private readonly TokenizerPipeline _pipeline;
    private readonly bool _skipSpecialTokens;
    private readonly StringBuilder _text = new();
    private DecoderStream _stream;

    internal IncrementalDecoder(TokenizerPipeline pipeline, bool skipSpecialTokens)
    {
        _pipeline = pipeline;
        _skipSpecialTokens = skipSpecialTokens;
        _stream = pipeline.CreateStream(_text);
    }

    /// <summary>Takes the next id.</summary>
    /// <param name="id">The id; one beyond the vocabulary yields nothing.</param>
    /// <returns>The text that became certain with it, or null if there is none yet.</returns>
    public string? Append(int id)
    {
        if (_pipeline.TokenForDecoding(id, _skipSpecialTokens) is not { } token)
            return null;
        _stream.Add(token);
        _stream.EndToken();
        // The reference engine shows no text while it ends in U+FFFD, which it takes for the beginning of a character.
        return _stream.IsInsideCharacter || (_text.Length > 0 && _text[^1] == '\uFFFD') ? null : Take();
    }

    /// <summary>Ends the stream: what is still held back, with U+FFFD for bytes that form no character. The decoder then begins anew.</summary>
    /// <returns>The rest, or null if there is none.</returns>
    public string? Finish()
    {
        _stream.EndText();
        _stream = _pipeline.CreateStream(_text);
        return Take();
    }

    private string? Take()
    {
        if (_text.Length == 0)
            return null;
        string text = _text.ToString();
        _text.Clear();
        return text;
    }
}
