using System.Runtime.InteropServices;

namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>Ids of pieces met before, in memory of fixed size: when it is full, everything is forgotten. Not for concurrent use.</summary>
internal sealed class WordCache
{
    public const int LongestPiece = 64;
    private const int SlotCount = 1 << 15;
    private const int TextCapacity = 1 << 18;
    private const int IdCapacity = 1 << 17;

    private readonly Slot[] _slots = new Slot[SlotCount];
    private readonly char[] _text = new char[TextCapacity];
    private readonly int[] _ids = new int[IdCapacity];
    private int _textLength;
    private int _idCount;

    public bool TryGet(ReadOnlySpan<char> piece, ulong hash, out ReadOnlySpan<int> ids)
    {
        ref readonly Slot slot = ref _slots[hash >> 49];
        if (slot.Tag == (uint)hash && slot.Length == piece.Length && piece.SequenceEqual(_text.AsSpan(slot.Text, slot.Length)))
        {
            ids = _ids.AsSpan(slot.Ids, slot.Count);
            return true;
        }

        ids = default;
        return false;
    }

    public void Add(ReadOnlySpan<char> piece, ulong hash, ReadOnlySpan<int> ids)
    {
        if (_textLength + piece.Length > TextCapacity || _idCount + ids.Length > IdCapacity)
        {
            Array.Clear(_slots);
            _textLength = 0;
            _idCount = 0;
        }

        piece.CopyTo(_text.AsSpan(_textLength));
        ids.CopyTo(_ids.AsSpan(_idCount));
        _slots[hash >> 49] = new Slot((uint)hash, _textLength, _idCount, (ushort)piece.Length, (ushort)ids.Length);
        _textLength += piece.Length;
        _idCount += ids.Length;
    }

    public static ulong HashOf(ReadOnlySpan<char> piece)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(piece);
        ulong hash = (ulong)bytes.Length * 0x9E3779B97F4A7C15;
        while (bytes.Length >= 8)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(bytes)) * 0xD6E8FEB86659FD93;
            hash ^= hash >> 32;
            bytes = bytes[8..];
        }

        ulong rest = 0;
        if (bytes.Length >= 4)
        {
            rest = MemoryMarshal.Read<uint>(bytes);
            bytes = bytes[4..];
        }

        if (bytes.Length > 0)
            rest |= (ulong)MemoryMarshal.Read<ushort>(bytes) << 32;
        hash = (hash ^ rest) * 0xD6E8FEB86659FD93;
        return hash ^ (hash >> 32);
    }

    private readonly record struct Slot(uint Tag, int Text, int Ids, ushort Length, ushort Count);
}
