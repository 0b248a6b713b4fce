using System.Text;
using RecursiveMas.Tokenizers;

namespace RecursiveMas;

/// <summary>Turns ids into text as they come, and holds back what is not yet a whole character. Belongs to one stream of ids; not for concurrent use.</summary>
public sealed class IncrementalDecoder
{
    private readonly TokenizerPipeline _pipeline;
    private readonly bool _skipSpecialTokens;
    private readonly IStream _stream;
    private readonly SpaceCleanup.Stream? _cleanup;

    internal IncrementalDecoder(TokenizerPipeline pipeline, bool skipSpecialTokens)
    {
        _pipeline = pipeline;
        _skipSpecialTokens = skipSpecialTokens;
        _stream = pipeline.IsByteLevelDecoder ? new ByteStream() : new TokenStream(pipeline);
        _cleanup = pipeline.CleansUpSpaces ? new SpaceCleanup.Stream() : null;
    }

    private interface IStream
    {
        string? Append(string token);

        string? Finish();
    }

    /// <summary>Takes the next id.</summary>
    /// <param name="id">The id; one beyond the vocabulary yields nothing.</param>
    /// <returns>The text that became certain with it, or null if there is none yet.</returns>
    public string? Append(int id)
    {
        if (_pipeline.TokenForDecoding(id, _skipSpecialTokens) is not { } token || _stream.Append(token) is not { } text)
            return null;
        return _cleanup is null ? text : _cleanup.Append(text);
    }

    /// <summary>Ends the stream: what is still held back, with U+FFFD for bytes that form no character. The decoder then begins anew.</summary>
    /// <returns>The rest, or null if there is none.</returns>
    public string? Finish()
    {
        string? rest = _stream.Finish();
        if (_cleanup is null)
            return rest;
        string text = (rest is null ? null : _cleanup.Append(rest)) + _cleanup.Finish();
        return text.Length > 0 ? text : null;
    }

    /// <summary>Byte-level vocabularies: tokens are bytes, whatever stands around them.</summary>
    private sealed class ByteStream : IStream
    {
        private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
        private readonly StringBuilder _settled = new();
        private readonly List<byte> _bytes = [];

        // Bytes of a character whose end has not come.
        private bool _isOpen;

        public string? Append(string token)
        {
            _bytes.Clear();
            ByteLevelDecoder.AppendBytes(token, _bytes);
            byte[] bytes = [.. _bytes];
            char[] characters = new char[_utf8.GetCharCount(bytes, flush: false)];
            int written = _utf8.GetChars(bytes, characters, flush: false);
            _settled.Append(characters, 0, written);
            _isOpen = OpenBytes(bytes);
            if (_isOpen || _settled.Length == 0 || _settled[^1] == '\uFFFD')
                return null;
            return Take();
        }

        public string? Finish()
        {
            char[] rest = new char[4];
            int written = _utf8.GetChars([], rest, flush: true);
            _settled.Append(rest, 0, written);
            return _settled.Length == 0 ? null : Take();
        }

        private bool OpenBytes(byte[] bytes)
        {
            if (bytes.Length == 0)
                return _isOpen;

            // A copy of the state is not to be had; whether a flush would yield more tells the same.
            return _utf8.GetCharCount([], flush: true) > 0;
        }

        private string Take()
        {
            string text = _settled.ToString();
            _settled.Clear();
            return text;
        }
    }

    /// <summary>Any other vocabulary: decodes the tokens since the last text but one, and emits what is new.</summary>
    private sealed class TokenStream(TokenizerPipeline pipeline) : IStream
    {
        // Ids that never become text must not make each further one dearer.
        private const int LongestWait = 1024;

        private readonly List<string> _tokens = [];
        private string _prefix = "";
        private int _prefixTokens;

        public string? Append(string token)
        {
            _tokens.Add(token);
            string text = pipeline.Join([.. _tokens]);
            if (_tokens.Count - _prefixTokens > LongestWait)
                return Finish();
            if (text.Length <= _prefix.Length || text[^1] == '\uFFFD')
                return null;
            string added = text[_prefix.Length..];
            _tokens.RemoveRange(0, _prefixTokens);
            _prefixTokens = _tokens.Count;
            _prefix = pipeline.Join([.. _tokens]);
            return added;
        }

        public string? Finish()
        {
            string text = pipeline.Join([.. _tokens]);
            string? rest = text.Length > _prefix.Length ? text[_prefix.Length..] : null;
            _tokens.Clear();
            _prefix = "";
            _prefixTokens = 0;
            return rest;
        }
    }
}
