using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Scheduling;

/// <summary>Part of what a session has to read: token ids, or vectors in place of embeddings.</summary>
/// <param name="Ids">The ids; empty for vectors.</param>
/// <param name="Vectors">[k, H]; null for ids.</param>
internal readonly record struct InputPiece(ReadOnlyMemory<int> Ids, Tensor? Vectors);

/// <summary>Positions that a session has still to read, in order.</summary>
/// <remarks>Owns the vectors until they are taken. Not safe for concurrent calls.</remarks>
internal sealed class InputQueue : IDisposable
{
    private readonly LinkedList<(ReadOnlyMemory<int> Ids, Tensor? Vectors, bool Mark)> _entries = [];

    /// <summary>Positions left.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the session's cache is to be marked before the next position.</summary>
    public bool MarkIsNext => _entries.First?.Value.Mark == true;

    public void Add(ReadOnlyMemory<int> ids)
    {
        if (ids.Length == 0)
            return;
        _entries.AddLast((ids, null, false));
        Count += ids.Length;
    }

    /// <param name="vectors">[k, H], taken over.</param>
    public void Add(Tensor vectors)
    {
        _entries.AddLast((default, vectors.DetachFromDisposeScope(), false));
        Count += (int)vectors.size(0);
    }

    /// <summary>A place that the session may want to return to.</summary>
    public void AddMark() => _entries.AddLast((default, null, true));

    public void SkipMark() => _entries.RemoveFirst();

    /// <summary>Takes at most so many positions; views of vectors join the current dispose scope.</summary>
    /// <param name="most">Most positions, at least 1.</param>
    /// <param name="stopAtMarks">Whether to take nothing beyond the next mark; otherwise marks are dropped.</param>
    /// <param name="into">Receives the pieces.</param>
    /// <returns>Positions taken.</returns>
    public int Take(int most, bool stopAtMarks, List<InputPiece> into)
    {
        int taken = 0;
        while (taken < most && _entries.First is { } first)
        {
            (ReadOnlyMemory<int> ids, Tensor? vectors, bool mark) = first.Value;
            if (mark && stopAtMarks && taken > 0)
                break;
            _entries.RemoveFirst();
            if (mark)
                continue;
            int length = vectors is null ? ids.Length : (int)vectors.size(0), some = Math.Min(length, most - taken);
            into.Add(new InputPiece(ids.Length == 0 ? default : ids[..some], vectors?.narrow(0, 0, some)));
            if (some < length)
                _entries.AddFirst((ids.Length == 0 ? default : ids[some..], vectors?.narrow(0, some, length - some).DetachFromDisposeScope(), false));
            vectors?.Dispose();
            taken += some;
        }

        Count -= taken;
        return taken;
    }

    /// <summary>An equal queue of its own.</summary>
    public InputQueue Copy()
    {
        var copy = new InputQueue { Count = Count };
        foreach ((ReadOnlyMemory<int> ids, Tensor? vectors, bool mark) in _entries)
            copy._entries.AddLast((ids, vectors?.alias().DetachFromDisposeScope(), mark));
        return copy;
    }

    public void Dispose() => Clear();

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        foreach ((_, Tensor? vectors, _) in _entries)
            vectors?.Dispose();
        _entries.Clear();
        Count = 0;
    }
}
