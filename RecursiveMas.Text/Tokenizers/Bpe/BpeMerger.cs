namespace RecursiveMas.Tokenizers.Bpe;

/// <summary>Merges symbols: always the pair of lowest rank, the leftmost of equals.</summary>
internal static class BpeMerger
{
    /// <summary>For pieces of few symbols: finds the best pair by looking at all.</summary>
    public static void MergeShort(MergeTable merges, BpeScratch scratch)
    {
        int count = scratch.Count;
        Span<int> ids = scratch.Ids.AsSpan(0, count);
        Span<int> ends = scratch.Ends.AsSpan(0, count);
        Span<int> starts = scratch.Starts.AsSpan(0, count);
        Span<ulong> pairs = scratch.Merges.AsSpan(0, count);
        for (int i = 0; i + 1 < count; i++)
            pairs[i] = merges.Find(ids[i], ids[i + 1]);
        while (count > 1)
        {
            int best = 0;
            ulong value = pairs[0];
            for (int i = 1; i < count - 1; i++)
            {
                if (pairs[i] < value)
                {
                    value = pairs[i];
                    best = i;
                }
            }

            if (value == MergeTable.None)
                break;
            ids[best] = MergeTable.IdOf(value);
            ends[best] = ends[best + 1];
            int moved = count - best - 2;
            ids.Slice(best + 2, moved).CopyTo(ids[(best + 1)..]);
            starts.Slice(best + 2, moved).CopyTo(starts[(best + 1)..]);
            ends.Slice(best + 2, moved).CopyTo(ends[(best + 1)..]);
            if (moved > 0)
                pairs.Slice(best + 2, moved - 1).CopyTo(pairs[(best + 1)..]);
            count--;
            if (best > 0)
                pairs[best - 1] = merges.Find(ids[best - 1], ids[best]);
            if (best + 1 < count)
                pairs[best] = merges.Find(ids[best], ids[best + 1]);
        }

        scratch.Shrink(count);
    }

    /// <summary>For any number of symbols: a linked list and a queue of candidates, of which outdated ones are dropped when they come up.</summary>
    public static void MergeLong(MergeTable merges, BpeScratch scratch, IReadOnlySet<int>? forbidden)
    {
        scratch.PrepareNeighbours();
        int count = scratch.Count;
        int[] ids = scratch.Ids;
        int[] next = scratch.Next;
        int[] previous = scratch.Previous;
        MergeQueue queue = scratch.Queue;
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1 < count ? i + 1 : -1;
            previous[i] = i - 1;
        }

        for (int i = 0; i + 1 < count; i++)
        {
            if (Candidate(i) is var entry && entry != MergeTable.None)
                queue.Append(entry);
        }

        queue.Order();
        while (queue.Count > 0)
        {
            ulong candidate = queue.Dequeue();
            int left = MergeQueue.PositionOf(candidate);
            if (ids[left] < 0 || next[left] < 0)
                continue;
            int right = next[left];

            // The pair may be another one by now. The reference engine asks only whether the result is the same.
            ulong merge = merges.Find(ids[left], ids[right]);
            if (merge == MergeTable.None || MergeTable.IdOf(merge) != merges.IdOfRank(MergeQueue.RankOf(candidate)))
                continue;
            ids[left] = MergeTable.IdOf(merge);
            scratch.Ends[left] = scratch.Ends[right];
            ids[right] = -1;
            next[left] = next[right];
            if (next[left] >= 0)
                previous[next[left]] = left;
            Enqueue(previous[left]);
            Enqueue(left);
        }

        int kept = 0;
        for (int i = 0; i >= 0; i = next[i])
        {
            ids[kept] = ids[i];
            scratch.Starts[kept] = scratch.Starts[i];
            scratch.Ends[kept] = scratch.Ends[i];
            kept++;
        }

        scratch.Shrink(kept);

        void Enqueue(int position)
        {
            if (position >= 0 && next[position] >= 0 && Candidate(position) is var entry && entry != MergeTable.None)
                queue.Enqueue(entry);
        }

        ulong Candidate(int position)
        {
            ulong merge = merges.Find(ids[position], ids[next[position]]);
            return merge == MergeTable.None || forbidden?.Contains(MergeTable.IdOf(merge)) == true
                ? MergeTable.None
                : MergeQueue.Entry((uint)(merge >> 32), position);
        }
    }
}
