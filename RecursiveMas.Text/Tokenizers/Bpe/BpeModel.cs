using System.Text;
using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>Options of a byte-pair model as they stand in the file.</summary>
internal sealed record BpeOptions
{
    public string? UnknownToken { get; init; }

    public string Prefix { get; init; } = "";

    public string Suffix { get; init; } = "";

    public bool FuseUnknown { get; init; }

    public bool ByteFallback { get; init; }

    public bool IgnoreMerges { get; init; }

    /// <summary>Whether the model sees the bytes of a piece, each as a character of the byte alphabet.</summary>
    public bool ByteLevel { get; init; }
}

/// <summary>Byte-pair encoding of one piece of text. Immutable; the working memory comes from the caller.</summary>
internal sealed class BpeModel
{
    private const int ShortPiece = 48;

    private readonly BpeOptions _options;
    private readonly MergeTable _merges;
    private readonly Dictionary<int, int> _idOfPoint = [];
    private readonly int[] _idOfByte = new int[256];
    private readonly int[] _fallback = new int[256];
    private readonly bool _isPlain;
    private readonly int _unknown = -1;

    public BpeModel(Vocabulary vocabulary, MergeTable merges, BpeOptions options, ChunkBorders? borders)
    {
        Vocabulary = vocabulary;
        _merges = merges;
        _options = options;
        foreach ((ReadOnlyMemory<byte> token, int id) in vocabulary.Entries())
        {
            if (token.Length is > 0 and <= 4 && Rune.DecodeFromUtf8(token.Span, out Rune rune, out int used) == 0 && used == token.Length)
                _idOfPoint[rune.Value] = id;
        }

        for (int b = 0; b < 256; b++)
        {
            _idOfByte[b] = _idOfPoint.GetValueOrDefault(ByteAlphabet.ToChar[b], -1);
            _fallback[b] = vocabulary.Find($"<0x{b:X2}>");
        }

        if (options.UnknownToken is not null)
            _unknown = vocabulary.Find(options.UnknownToken);
        _isPlain = options.Prefix.Length == 0 && options.Suffix.Length == 0 && !vocabulary.HasSharedIds;
        Borders = borders;
        borders?.Complete(_idOfPoint);
    }

    /// <summary>Whether pieces of such a model can be cut where no merge joins characters.</summary>
    public static bool CanCut(Vocabulary vocabulary, BpeOptions options) =>
        !options.ByteLevel && !options.IgnoreMerges && options.Prefix.Length == 0 && options.Suffix.Length == 0 && !vocabulary.HasSharedIds;

    /// <summary>Where pieces can be cut; null where they cannot.</summary>
    public ChunkBorders? Borders { get; }

    public Vocabulary Vocabulary { get; }

    /// <summary>The ids that merges result in.</summary>
    public IEnumerable<int> MergeResults => _merges.Results;

    public BpeOptions Options => _options;

    /// <summary>Appends the tokens of a piece to <see cref="BpeScratch"/>'s symbols, which it replaces.</summary>
    /// <exception cref="TokenizationException">The piece needs the unknown token, which the vocabulary lacks.</exception>
    public void Encode(ReadOnlySpan<char> piece, BpeScratch scratch, IReadOnlySet<int>? forbidden = null)
    {
        scratch.Clear(piece.Length > ShortPiece ? piece.Length : 0);
        if (_options.IgnoreMerges && FindWhole(piece, scratch) is >= 0 and int whole && forbidden?.Contains(whole) != true)
        {
            scratch.Add(whole, 0, piece.Length);
            return;
        }

        if (_options.ByteLevel)
            AddBytes(piece, scratch);
        else
            AddCharacters(piece, scratch);
        if (scratch.Count < 2)
            return;
        if (scratch.Count <= ShortPiece && _isPlain && forbidden is null)
            BpeMerger.MergeShort(_merges, scratch);
        else
            BpeMerger.MergeLong(_merges, scratch, forbidden);
    }

    private int FindWhole(ReadOnlySpan<char> piece, BpeScratch scratch)
    {
        Span<byte> utf8 = scratch.Bytes(piece.Length * 3 * (_options.ByteLevel ? 2 : 1));
        int count = Encoding.UTF8.GetBytes(piece, utf8);
        if (!_options.ByteLevel)
            return Vocabulary.Find(utf8[..count]);

        // Each byte becomes a character of one or two bytes; written from the end, none is overwritten before it is read.
        int end = utf8.Length;
        for (int i = count - 1; i >= 0; i--)
        {
            char c = ByteAlphabet.ToChar[utf8[i]];
            if (c < 0x80)
            {
                utf8[--end] = (byte)c;
                continue;
            }

            utf8[--end] = (byte)(0x80 | (c & 0x3F));
            utf8[--end] = (byte)(0xC0 | (c >> 6));
        }

        return Vocabulary.Find(utf8[end..]);
    }

    private void AddBytes(ReadOnlySpan<char> piece, BpeScratch scratch)
    {
        var pending = new PendingUnknown(this);
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < piece.Length;)
        {
            int point = piece[i];
            if (point < 0x80)
            {
                AddByte(point, i, i + 1, new Place(i == 0, piece.Length == i + 1), scratch, ref pending);
                i++;
                continue;
            }

            point = Utf16.CodePointAt(piece, i, out int length);
            int bytes = new Rune(point).EncodeToUtf8(utf8);
            bool lastPoint = i + length == piece.Length;
            for (int k = 0; k < bytes; k++)
                AddByte(utf8[k], i, i + length, new Place(i == 0 && k == 0, lastPoint && k == bytes - 1), scratch, ref pending);
            i += length;
        }

        pending.Flush(scratch);
    }

    private void AddByte(int value, int start, int end, Place place, BpeScratch scratch, ref PendingUnknown pending)
    {
        int id = _isPlain ? _idOfByte[value] : FindAffixed(ByteAlphabet.ToChar[value], place);
        if (id >= 0 && !pending.IsOpen)
            scratch.Add(id, start, end);
        else
            AddSlow(ByteAlphabet.ToChar[value], id, start, end, place, scratch, ref pending);
    }

    private void AddCharacters(ReadOnlySpan<char> piece, BpeScratch scratch)
    {
        var pending = new PendingUnknown(this);
        for (int i = 0; i < piece.Length;)
        {
            int point = Utf16.CodePointAt(piece, i, out int length);
            var place = new Place(i == 0, i + length == piece.Length);
            int id = _isPlain ? _idOfPoint.GetValueOrDefault(point, -1) : FindAffixed(point, place);
            if (id >= 0 && !pending.IsOpen)
                scratch.Add(id, i, i + length);
            else
                AddSlow(point, id, i, i + length, place, scratch, ref pending);
            i += length;
        }

        pending.Flush(scratch);
    }

    private int FindAffixed(int point, Place place) => Vocabulary.Find(Affixed(point, place));

    private string Affixed(int point, Place place) =>
        (place.IsFirst ? "" : _options.Prefix) + new Rune(point) + (place.IsLast ? _options.Suffix : "");

    private void AddSlow(int point, int id, int start, int end, Place place, BpeScratch scratch, ref PendingUnknown pending)
    {
        if (id >= 0)
        {
            pending.Flush(scratch);
            scratch.Add(id, start, end);
            return;
        }

        if (_options.ByteFallback && AddFallback(Affixed(point, place), start, end, scratch))
            return;
        if (_options.UnknownToken is null)
            return;
        if (_unknown < 0)
            throw new TokenizationException($"The tokenizer's unknown token '{_options.UnknownToken}' is not in its vocabulary. Repair the tokenizer's file.");
        if (pending.IsOpen && !_options.FuseUnknown)
            pending.Flush(scratch);
        pending.Extend(start, end);
    }

    // A pending unknown token stays pending while bytes are added: so does the reference engine.
    private bool AddFallback(string token, int start, int end, BpeScratch scratch)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(token);
        foreach (byte b in bytes)
        {
            if (_fallback[b] < 0)
                return false;
        }

        foreach (byte b in bytes)
            scratch.Add(_fallback[b], start, end);
        return true;
    }

    private readonly record struct Place(bool IsFirst, bool IsLast);

    private ref struct PendingUnknown(BpeModel model)
    {
        private int _start;
        private int _end;

        public bool IsOpen { get; private set; }

        public void Extend(int start, int end)
        {
            if (!IsOpen)
                _start = start;
            _end = end;
            IsOpen = true;
        }

        public void Flush(BpeScratch scratch)
        {
            if (IsOpen)
                scratch.Add(model._unknown, _start, _end);
            IsOpen = false;
        }
    }
}
