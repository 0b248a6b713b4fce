using System.Text;
using RecursiveMas.Tokenizers.AddedTokens;
using RecursiveMas.Tokenizers.Bpe;
using RecursiveMas.Tokenizers.Decoders;
using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.PreTokenizers;

namespace RecursiveMas.Tokenizers.Pipeline;

/// <summary>The parts of a tokenizer put together. Immutable.</summary>
internal sealed class TokenizerPipeline
{
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;
    private readonly bool _needsOrigin;
    private readonly HashSet<int>? _smuggled;
    private readonly TokenizerParts _parts;
    private readonly ScratchPool _pool = new();

    public TokenizerPipeline(TokenizerParts parts)
    {
        _parts = parts;
        AddedVocabulary added = parts.Added;
        _rawTokens = added.Matcher(normalized: false, content => content);
        _normalizedTokens = added.Matcher(normalized: true, Normalize);
        _needsOrigin = parts.PreTokenizers.Any(step => step.NeedsOrigin);

        // Special tokens that the model itself could build out of ordinary text.
        HashSet<int> smuggled = [.. added.Tokens.Where(entry => entry.Value.Special).Select(entry => entry.Key)];
        if (!parts.Model.Options.IgnoreMerges)
            smuggled.IntersectWith(parts.Model.MergeResults);
        _smuggled = smuggled.Count > 0 ? smuggled : null;
    }

    public bool CleansUpSpaces => _parts.CleansUpSpaces;

    private BpeModel Model => _parts.Model;

    private AddedVocabulary Added => _parts.Added;

    /// <summary>Number of distinct tokens of model and added tokens.</summary>
    public int TokenCount => Model.Vocabulary.Count + Added.Ids.Keys.Count(content => Model.Vocabulary.Find(content) < 0);

    /// <summary>The id of a token, or null.</summary>
    public int? IdOf(string token)
    {
        if (Added.Ids.TryGetValue(token, out int id))
            return id;
        id = Model.Vocabulary.Find(token);
        return id < 0 ? null : id;
    }

    /// <summary>The text of an id as it stands in the vocabulary, or null.</summary>
    public string? TokenOf(int id)
    {
        if (Added.Tokens.TryGetValue(id, out AddedToken? token))
            return token.Content;
        return Model.Vocabulary.TryGetToken(id, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : null;
    }

    /// <summary>The text as normalisers leave it.</summary>
    public string Normalize(string text)
    {
        if (_parts.Normalizer is null || _parts.Normalizer.LeavesAlone(text))
            return text;
        var mapped = new MappedText();
        mapped.Load(text, 0, tracked: false);
        _parts.Normalizer.Apply(mapped);
        return mapped.Text.ToString();
    }

    public int[] Encode(ReadOnlyMemory<char> text, RangeFilter allowed, bool addSpecialTokens)
    {
        EncodingScratch scratch = _pool.Rent();
        try
        {
            new TextEncoder(this, scratch, text, allowed, wantsOffsets: false).Run();
            return [.. Finish(scratch.Ids, addSpecialTokens, id => id)];
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    public List<(int Id, int Start, int End)> EncodeWithOffsets(ReadOnlyMemory<char> text, RangeFilter allowed, bool addSpecialTokens)
    {
        EncodingScratch scratch = _pool.Rent();
        try
        {
            new TextEncoder(this, scratch, text, allowed, wantsOffsets: true).Run();
            var tokens = new List<(int, int, int)>(scratch.Ids.Count);
            for (int i = 0; i < scratch.Ids.Count; i++)
            {
                (int start, int end) = Trimmed(text.Span, scratch.Ids[i], scratch.Offsets[i], first: i == 0);
                tokens.Add((scratch.Ids[i], start, end));
            }

            return Finish(tokens, addSpecialTokens, id => (id, 0, 0));
        }
        finally
        {
            _pool.Return(scratch);
        }
    }

    /// <summary>The text of tokens of the vocabulary, before spaces are cleaned up.</summary>
    public string Join(List<string> tokens)
    {
        if (_parts.Decoder is null)
            return string.Join(' ', tokens);
        _parts.Decoder.Apply(tokens);
        return tokens.Count == 1 ? tokens[0] : string.Concat(tokens);
    }

    /// <summary>Decodes tokens as they come, spaces cleaned up.</summary>
    /// <param name="text">Receives the text.</param>
    public DecoderStream CreateStream(StringBuilder text)
    {
        DecoderStream end = _parts.CleansUpSpaces ? SpaceCleanup.Stream(new TextStream(text)) : new TextStream(text);
        return _parts.Decoder?.Stream(end) ?? new FusingStream(end, separator: " ");
    }

    private List<T> Finish<T>(List<T> tokens, bool addSpecialTokens, Func<int, T> special)
    {
        PostProcessor post = _parts.PostProcessor;
        tokens = _parts.Lengths.Truncate(tokens, addSpecialTokens ? post.SpecialCount : 0);
        return _parts.Lengths.Pad(post.Around(tokens, addSpecialTokens, special), special);
    }

    /// <summary>The token of an id for decoding; null if there is none or it is to be skipped.</summary>
    public string? TokenForDecoding(int id, bool skipSpecialTokens) =>
        TokenOf(id) is { } token && !(skipSpecialTokens && Added.SpecialContents.Contains(token)) ? token : null;

    private (int Start, int End) Trimmed(ReadOnlySpan<char> text, int id, (int Start, int End) offset, bool first)
    {
        const char space = '\u0120';
        if (!_parts.PostProcessor.TrimsOffsets || TokenOf(id) is not { } token)
            return offset;
        int leading = token.Length - token.AsSpan().TrimStart(space).Length;
        int trailing = token.Length - token.AsSpan().TrimEnd(space).Length;

        // One space at the start may be the tokenizer's own; more than one are the text's.
        if (leading == 1 && _parts.PostProcessor.AddsPrefixSpace && (first || offset.Start == 0))
            leading = 0;
        int start = Math.Min(offset.Start + leading, offset.End);
        int end = offset.End >= trailing ? Math.Max(offset.End - trailing, start) : offset.End;
        return (start, end > start && end < text.Length && char.IsLowSurrogate(text[end]) && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end);
    }

    /// <summary>One encoding under way.</summary>
    private readonly ref struct TextEncoder(
        TokenizerPipeline pipeline,
        EncodingScratch scratch,
        ReadOnlyMemory<char> source,
        RangeFilter allowed,
        bool wantsOffsets)
    {
        private readonly RangeFilter _allowed = allowed;

        private bool IsTracked => wantsOffsets || pipeline._needsOrigin || !_allowed.AllowsAll;

        public void Run()
        {
            if (pipeline._rawTokens.IsEmpty)
            {
                if (source.Length > 0)
                    EncodeText(0, source.Length);
                return;
            }

            AddedTokenSplitter.Split(pipeline._rawTokens, source.Span, _allowed, scratch.Spans);
            foreach ((int id, int start, int end) in scratch.Spans)
            {
                if (id < 0)
                    EncodeText(start, end);
                else
                    Emit(id, start, end);
            }
        }

        private void EncodeText(int start, int end)
        {
            PieceList pieces = scratch.Pieces;
            pieces.Load(source, start, end, pipeline._parts.Normalizer, IsTracked);
            if (pipeline._normalizedTokens.IsEmpty)
            {
                EncodePieces(pieces);
                return;
            }

            scratch.InnerSpans.Clear();
            AddedTokenSplitter.Split(pipeline._normalizedTokens, pieces.Text, _allowed.In(pieces), scratch.InnerSpans);
            if (scratch.InnerSpans.Count == 1 && scratch.InnerSpans[0].Id < 0)
            {
                EncodePieces(pieces);
                return;
            }

            foreach ((int id, int from, int to) in scratch.InnerSpans)
            {
                if (id >= 0)
                {
                    (int first, int last) = wantsOffsets ? pieces.Origin(from, to) : default;
                    Emit(id, first, last);
                    continue;
                }

                // Pre-tokenizers may rewrite the text, so each stretch gets a copy of its own.
                scratch.InnerPieces.LoadPart(pieces, from, to);
                EncodePieces(scratch.InnerPieces);
            }
        }

        private void EncodePieces(PieceList pieces)
        {
            foreach (PiecePreTokenizer step in pipeline._parts.PreTokenizers)
                step.Apply(pieces);
            ReadOnlySpan<char> text = pieces.Text;
            foreach ((int start, int end) in pieces.Pieces)
            {
                if (pipeline.Model.Borders is not { } borders || end - start <= WordCache.LongestPiece)
                {
                    EncodePiece(pieces, text, start, end);
                    continue;
                }

                ReadOnlySpan<char> piece = text[..end];
                for (int at = start; at < end;)
                {
                    int next = borders.Next(piece, at);
                    EncodePiece(pieces, text, at, next);
                    at = next;
                }
            }
        }

        private void EncodePiece(PieceList pieces, ReadOnlySpan<char> text, int start, int end)
        {
            bool guarded = pipeline._smuggled is not null && !_allowed.AllowsAll;
            HashSet<int>? forbidden = guarded && !_allowed.In(pieces).Allows(start, end) ? pipeline._smuggled : null;
            if (wantsOffsets)
                EncodeTracked(pieces, start, end, forbidden);
            else if (forbidden is not null || end - start > WordCache.LongestPiece)
                EncodeUncached(text[start..end], forbidden);
            else
                EncodeCached(text[start..end]);
        }

        private void EncodeCached(ReadOnlySpan<char> piece)
        {
            ulong hash = WordCache.HashOf(piece);
            if (scratch.Cache.TryGet(piece, hash, out ReadOnlySpan<int> known))
            {
                scratch.Ids.AddRange(known);
                return;
            }

            EncodeUncached(piece, null);
            BpeScratch bpe = scratch.Bpe;
            scratch.Cache.Add(piece, hash, bpe.Ids.AsSpan(0, bpe.Count));
        }

        private void EncodeUncached(ReadOnlySpan<char> piece, HashSet<int>? forbidden)
        {
            BpeScratch bpe = scratch.Bpe;
            pipeline.Model.Encode(piece, bpe, forbidden);
            scratch.Ids.AddRange(bpe.Ids.AsSpan(0, bpe.Count));
        }

        private void EncodeTracked(PieceList pieces, int start, int end, HashSet<int>? forbidden)
        {
            BpeScratch bpe = scratch.Bpe;
            pipeline.Model.Encode(pieces.Text[start..end], bpe, forbidden);
            for (int i = 0; i < bpe.Count; i++)
            {
                (int from, int to) = pieces.Origin(start + bpe.Starts[i], start + bpe.Ends[i]);
                Emit(bpe.Ids[i], from, to);
            }
        }

        private void Emit(int id, int start, int end)
        {
            scratch.Ids.Add(id);
            if (wantsOffsets)
                scratch.Offsets.Add((start, end));
        }
    }
}
