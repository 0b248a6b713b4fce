namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>Working memory of <see cref="BpeModel"/>: the symbols of one piece. Not for concurrent use.</summary>
internal sealed class BpeScratch
{
    private byte[] _bytes = new byte[256];

    public int Count { get; private set; }

    public int[] Ids { get; private set; } = new int[64];

    /// <summary>Where each symbol stands in the piece, in UTF-16 units.</summary>
    public int[] Starts { get; private set; } = new int[64];

    public int[] Ends { get; private set; } = new int[64];

    // Of the long merge: neighbours, and the queue.
    public int[] Previous { get; private set; } = [];

    public int[] Next { get; private set; } = [];

    public MergeQueue Queue { get; } = new();

    public ulong[] Merges { get; } = new ulong[64];

    /// <summary>Begins a new piece.</summary>
    /// <param name="expected">How many symbols there will be at least, so that a long piece does not grow step by step.</param>
    public void Clear(int expected)
    {
        Count = 0;
        if (expected <= Ids.Length)
            return;
        (Ids, Starts, Ends) = (new int[expected], new int[expected], new int[expected]);
    }

    public void Add(int id, int start, int end)
    {
        if (Count == Ids.Length)
        {
            Ids = Grown(Ids);
            Starts = Grown(Starts);
            Ends = Grown(Ends);
        }

        Ids[Count] = id;
        Starts[Count] = start;
        Ends[Count] = end;
        Count++;
    }

    public void Shrink(int count) => Count = count;

    public void PrepareNeighbours()
    {
        if (Next.Length < Count)
        {
            Next = new int[Ids.Length];
            Previous = new int[Ids.Length];
        }

        Queue.Clear();
    }

    public Span<byte> Bytes(int count)
    {
        if (_bytes.Length < count)
            _bytes = new byte[Math.Max(count, 2 * _bytes.Length)];
        return _bytes.AsSpan(0, count);
    }

    /// <summary>Gives back memory that a very long piece needed.</summary>
    public void Trim()
    {
        const int kept = 1 << 16;
        if (Ids.Length > kept)
        {
            (Ids, Starts, Ends) = (new int[64], new int[64], new int[64]);
            (Next, Previous) = ([], []);
        }

        Queue.Trim();
        if (_bytes.Length > kept)
            _bytes = new byte[256];
    }

    private static int[] Grown(int[] values)
    {
        Array.Resize(ref values, 2 * values.Length);
        return values;
    }
}
