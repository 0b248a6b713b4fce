using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Agents;

/// <summary>What stands at each position that a session's cache holds, so that a new prompt is only read from where it differs.</summary>
internal sealed class SessionHistory : IDisposable
{
    // In place of an id.
    private const int GivenVector = -1, OwnVector = -2;

    private readonly List<int> _positions = [];
    private readonly List<(int Start, Tensor Values)> _blocks = [];

    /// <summary>Positions.</summary>
    public int Length => _positions.Count;

    /// <summary>The ids at all positions; empty if vectors stand among them.</summary>
    public int[] TokenIds => _positions.TrueForAll(id => id >= 0) ? [.. _positions] : [];

    public void Add(ReadOnlySpan<int> ids) => _positions.AddRange(ids);

    /// <param name="vectors">[k, H]; stays the caller's.</param>
    public void Add(Tensor vectors)
    {
        _blocks.Add((_positions.Count, vectors.alias().DetachFromDisposeScope()));
        for (long i = vectors.size(0); i > 0; i--)
            _positions.Add(GivenVector);
    }

    /// <summary>Vectors of the session's own thoughts, which no prompt repeats.</summary>
    public void AddOwn(int count)
    {
        for (int i = 0; i < count; i++)
            _positions.Add(OwnVector);
    }

    /// <summary>How many positions at the start of a prompt are the same here: equal ids, and vectors that are equal in every element.</summary>
    public int CommonPrefix(PromptContent prompt)
    {
        int at = 0;
        foreach (PromptSegment segment in prompt.Segments)
        {
            int same = segment.Vectors is { } vectors ? SameVectors(at, vectors) : SameIds(at, segment.Ids);
            at += same;
            if (same < segment.Length)
                break;
        }

        return at;
    }

    /// <summary>Forgets everything from a position on.</summary>
    public void Crop(int length)
    {
        _positions.RemoveRange(length, _positions.Count - length);
        for (int i = _blocks.Count - 1; i >= 0 && _blocks[i].Start >= length; i--)
        {
            _blocks[i].Values.Dispose();
            _blocks.RemoveAt(i);
        }
    }

    public SessionHistory Fork()
    {
        var fork = new SessionHistory();
        fork._positions.AddRange(_positions);
        fork._blocks.AddRange(_blocks.Select(block => (block.Start, block.Values.alias().DetachFromDisposeScope())));
        return fork;
    }

    public void Dispose() => Crop(0);

    private int SameIds(int at, int[] ids)
    {
        ReadOnlySpan<int> held = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_positions)[at..];
        return held.CommonPrefixLength(ids);
    }

    private int SameVectors(int at, Tensor vectors)
    {
        int same = 0, length = (int)vectors.size(0);
        while (same < length && at + same < _positions.Count && _positions[at + same] == GivenVector)
        {
            (int start, Tensor values) = _blocks.FindLast(block => block.Start <= at + same);
            int offset = at + same - start;
            // A block may have been cropped, or be followed by another.
            int held = 0;
            while (at + same + held < _positions.Count && held < (int)values.size(0) - offset && _positions[at + same + held] == GivenVector)
                held++;
            int compared = Math.Min(held, length - same), equal = EqualRows(values.narrow(0, offset, compared), vectors.narrow(0, same, compared));
            same += equal;
            if (equal < compared || compared == 0)
                break;
        }

        return same;
    }

    /// <summary>Rows at the start that agree in every element.</summary>
    private static int EqualRows(Tensor held, Tensor given)
    {
        byte[] differs = held.ne(given).any(1).to_type(ScalarType.Byte).cpu().data<byte>().ToArray(); // [k]
        int first = Array.IndexOf(differs, (byte)1);
        return first < 0 ? differs.Length : first;
    }
}
