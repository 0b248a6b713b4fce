using System.Text;
using System.Text.Json;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>The merges of a file: pairs of UTF-8 tokens in the order of their rank.</summary>
internal sealed class MergeList
{
    private byte[] _text = new byte[1 << 16];
    private (int Start, int Middle, int End)[] _pairs = new (int, int, int)[1 << 10];
    private int _length;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Left(int index) => _text.AsSpan(_pairs[index].Start, _pairs[index].Middle - _pairs[index].Start);

    public ReadOnlySpan<byte> Right(int index) => _text.AsSpan(_pairs[index].Middle, _pairs[index].End - _pairs[index].Middle);

    public ReadOnlySpan<byte> Whole(int index) => _text.AsSpan(_pairs[index].Start, _pairs[index].End - _pairs[index].Start);

    /// <exception cref="CheckpointException">An entry is neither "left right" nor ["left", "right"], or the two forms are mixed.</exception>
    public static MergeList Read(ref Utf8JsonReader reader, string file)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new CheckpointException(file, "'merges' must be an array.");
        var merges = new MergeList();
        bool? strings = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bool isString = reader.TokenType == JsonTokenType.String;
            if (!isString && reader.TokenType != JsonTokenType.StartArray)
                throw Damaged(file, merges.Count, "is neither a text nor a pair");
            if (strings is not null && strings != isString)
                throw Damaged(file, merges.Count, "has another form than those before it");
            strings = isString;
            if (isString)
                merges.AddText(ref reader, file);
            else
                merges.AddPair(ref reader, file);
        }

        return merges;
    }

    private static CheckpointException Damaged(string file, int index, string how) => new(file, $"entry {index} of 'merges' {how}.");

    private void AddText(ref Utf8JsonReader reader, string file)
    {
        int start = _length;
        Append(ref reader);
        Span<byte> text = _text.AsSpan(start, _length - start);
        if (text.StartsWith("#version"u8))
        {
            _length = start;
            return;
        }

        int space = text.IndexOf((byte)' ');
        if (space < 0 || text[(space + 1)..].Contains((byte)' '))
            throw Damaged(file, Count, "does not consist of two tokens with one space between them");
        text[(space + 1)..].CopyTo(text[space..]);
        _length--;
        Add(start, start + space);
    }

    private void AddPair(ref Utf8JsonReader reader, string file)
    {
        int start = _length;
        int middle = start;
        int parts = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            middle = _length;
            Append(ref reader);
            parts++;
        }

        if (reader.TokenType != JsonTokenType.EndArray || parts != 2)
            throw Damaged(file, Count, "is not a pair of tokens");
        Add(start, middle);
    }

    private void Add(int start, int middle)
    {
        if (Count == _pairs.Length)
            Array.Resize(ref _pairs, 2 * Count);
        _pairs[Count++] = (start, middle, _length);
    }

    private void Append(ref Utf8JsonReader reader)
    {
        int length = reader.ValueSpan.Length;
        if (_length + length > _text.Length)
            Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + length));
        if (reader.ValueIsEscaped)
        {
            _length += reader.CopyString(_text.AsSpan(_length));
            return;
        }

        reader.ValueSpan.CopyTo(_text.AsSpan(_length));
        _length += length;
    }

    /// <summary>For messages.</summary>
    public string Show(int index) => $"'{Encoding.UTF8.GetString(Left(index))}' + '{Encoding.UTF8.GetString(Right(index))}'";
}
