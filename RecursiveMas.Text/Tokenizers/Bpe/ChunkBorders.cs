using System.Runtime.CompilerServices;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>
/// Where a piece can be cut without changing its ids: between two characters that no merge ever joins. Vocabularies without
/// pre-tokenizer leave whole texts in one piece; cut this way, their words can be kept in a cache.
/// </summary>
internal sealed class ChunkBorders
{
    private const int VisibleSpace = 0x2581;
    private const int Classes = 129;

    // Pairs of last character of a left part and first character of a right one: an open hash table, zero where free.
    private ulong[] _joined = new ulong[1 << 12];
    private int _count;
    private readonly bool[] _commonBorders = new bool[Classes * Classes];
    private Dictionary<int, int> _known = [];

    public void Join(int left, int right)
    {
        if (2 * _count >= _joined.Length)
            Grow();
        ulong key = Key(left, right);
        int slot = SlotOf(_joined, key);
        _count += _joined[slot] == 0 ? 1 : 0;
        _joined[slot] = key;
    }

    /// <summary>To be called when all pairs are there.</summary>
    /// <param name="known">Characters that have a token. Next to others there is no border: runs of them may become one unknown token.</param>
    public void Complete(Dictionary<int, int> known)
    {
        _known = known;
        for (int left = 0; left < Classes; left++)
        {
            for (int right = 0; right < Classes; right++)
                _commonBorders[(left * Classes) + right] = IsBorder(PointOf(left), PointOf(right));
        }
    }

    /// <summary>The end of the chunk that begins at <paramref name="start"/>.</summary>
    public int Next(ReadOnlySpan<char> text, int start)
    {
        int previous = Utf16.CodePointAt(text, start, out int length);
        int previousClass = ClassOf(previous);
        for (int i = start + length; i < text.Length; i += length)
        {
            int point = Utf16.CodePointAt(text, i, out length);
            int pointClass = ClassOf(point);
            bool border = (previousClass | pointClass) >= 0
                ? _commonBorders[(previousClass * Classes) + pointClass]
                : IsBorder(previous, point);
            if (border)
                return i;
            (previous, previousClass) = (point, pointClass);
        }

        return text.Length;
    }

    private bool IsBorder(int left, int right) =>
        _joined[SlotOf(_joined, Key(left, right))] == 0 && _known.ContainsKey(left) && _known.ContainsKey(right);

    // ASCII and the visible space have classes of their own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ClassOf(int point) => point < 128 ? point : point == VisibleSpace ? 128 : -1;

    private static int PointOf(int pointClass) => pointClass < 128 ? pointClass : VisibleSpace;

    private static ulong Key(int left, int right) => (1UL << 63) | ((ulong)(uint)left << 32) | (uint)right;

    private static int SlotOf(ulong[] table, ulong key)
    {
        int mask = table.Length - 1;
        int slot = (int)((key * 0x9E3779B97F4A7C15) >> 40) & mask;
        while (table[slot] != 0 && table[slot] != key)
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        var larger = new ulong[2 * _joined.Length];
        foreach (ulong key in _joined)
        {
            if (key != 0)
                larger[SlotOf(larger, key)] = key;
        }

        _joined = larger;
    }
}
