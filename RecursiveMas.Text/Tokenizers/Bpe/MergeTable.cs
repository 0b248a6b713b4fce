using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>Which pairs of ids merge, how early, and into what: an open hash table of (left, right) to (rank, id).</summary>
internal sealed class MergeTable
{
    private const ulong Free = ulong.MaxValue;

    // Key and value side by side, so that a look-up touches one cache line.
    private readonly ulong[] _table;
    private readonly int _shift;
    private readonly int _mask;
    private readonly int[] _idOfRank;

    /// <param name="capacity">How many merges there will be; ranks are below it.</param>
    public MergeTable(int capacity)
    {
        _idOfRank = new int[capacity];
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2));
        _table = new ulong[2 * size];
        Array.Fill(_table, Free);
        _mask = size - 1;
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>No merge.</summary>
    public static ulong None => Free;

    /// <summary>Rank in the upper half, so that values order by rank; id in the lower.</summary>
    public static int IdOf(ulong merge) => (int)(uint)merge;

    /// <summary>What the merge of a rank results in.</summary>
    public int IdOfRank(uint rank) => _idOfRank[rank];

    /// <summary>The ids that merges result in.</summary>
    public IEnumerable<int> Results => _idOfRank;

    /// <summary>A later merge of the same pair replaces an earlier one.</summary>
    public void Set(int left, int right, int rank, int id)
    {
        _idOfRank[rank] = id;
        ulong key = Key(left, right);
        int slot = SlotOf(key);
        while (_table[2 * slot] != Free && _table[2 * slot] != key)
            slot = (slot + 1) & _mask;
        _table[2 * slot] = key;
        _table[(2 * slot) + 1] = ((ulong)(uint)rank << 32) | (uint)id;
    }

    /// <summary>The merge of a pair, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Find(int left, int right)
    {
        ulong key = Key(left, right);
        ulong[] table = _table;
        for (int slot = SlotOf(key); ; slot = (slot + 1) & _mask)
        {
            ulong found = table[2 * slot];
            if (found == key)
                return table[(2 * slot) + 1];
            if (found == Free)
                return Free;
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SlotOf(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> _shift);
}
