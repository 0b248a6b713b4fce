namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>Candidates of merges by rank, then position: a heap of numbers that hold both.</summary>
internal sealed class MergeQueue
{
    private const int Arity = 4;

    private ulong[] _heap = [];

    public int Count { get; private set; }

    public static ulong Entry(uint rank, int position) => ((ulong)rank << 32) | (uint)position;

    public static uint RankOf(ulong entry) => (uint)(entry >> 32);

    public static int PositionOf(ulong entry) => (int)(uint)entry;

    public void Clear() => Count = 0;

    /// <summary>Adds without keeping order; <see cref="Order"/> must follow.</summary>
    public void Append(ulong entry)
    {
        Reserve();
        _heap[Count++] = entry;
    }

    public void Order()
    {
        for (int i = Count / Arity; i >= 0; i--)
        {
            if (i < Count)
                SiftDown(i, _heap[i]);
        }
    }

    public void Enqueue(ulong entry)
    {
        Reserve();
        int at = Count++;
        while (at > 0)
        {
            int parent = (at - 1) / Arity;
            if (_heap[parent] <= entry)
                break;
            _heap[at] = _heap[parent];
            at = parent;
        }

        _heap[at] = entry;
    }

    public ulong Dequeue()
    {
        ulong first = _heap[0];
        ulong last = _heap[--Count];
        if (Count > 0)
            SiftDown(0, last);
        return first;
    }

    public void Trim()
    {
        const int kept = 1 << 14;
        if (_heap.Length > kept)
            _heap = [];
    }

    private void SiftDown(int at, ulong entry)
    {
        ulong[] heap = _heap;
        while (true)
        {
            int child = (Arity * at) + 1;
            if (child >= Count)
                break;
            int end = Math.Min(child + Arity, Count);
            int best = child;
            for (int i = child + 1; i < end; i++)
            {
                if (heap[i] < heap[best])
                    best = i;
            }

            if (heap[best] >= entry)
                break;
            heap[at] = heap[best];
            at = best;
        }

        heap[at] = entry;
    }

    private void Reserve()
    {
        if (Count == _heap.Length)
            Array.Resize(ref _heap, Math.Max(256, 2 * Count));
    }
}
