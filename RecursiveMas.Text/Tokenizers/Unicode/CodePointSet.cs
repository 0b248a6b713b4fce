using System.Text;

namespace RecursiveMas.Tokenizers.Unicode;

/// <summary>An immutable set of code points as sorted, disjoint, inclusive ranges.</summary>
internal sealed class CodePointSet
{
    public const int Last = 0x10FFFF;

    // start0, end0, start1, end1, ...
    private readonly int[] _bounds;

    private CodePointSet(int[] bounds) => _bounds = bounds;

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = new([0, Last]);

    public bool IsEmpty => _bounds.Length == 0;

    public int RangeCount => _bounds.Length / 2;

    public (int Start, int End) Range(int index) => (_bounds[2 * index], _bounds[(2 * index) + 1]);

    public static CodePointSet Of(int codePoint) => new([codePoint, codePoint]);

    public static CodePointSet Of(int start, int end) => new([start, end]);

    public static CodePointSet Of(ReadOnlySpan<char> characters)
    {
        var ranges = new List<(int, int)>();
        foreach (Rune rune in characters.EnumerateRunes())
            ranges.Add((rune.Value, rune.Value));
        return FromRanges(ranges);
    }

    /// <summary>Ranges in any order, overlapping or not.</summary>
    public static CodePointSet FromRanges(IEnumerable<(int Start, int End)> ranges)
    {
        (int Start, int End)[] sorted = [.. ranges];
        Array.Sort(sorted, (a, b) => a.Start - b.Start);
        var bounds = new List<int>(2 * sorted.Length);
        foreach ((int start, int end) in sorted)
        {
            if (bounds.Count > 0 && start <= bounds[^1] + 1)
            {
                bounds[^1] = Math.Max(bounds[^1], end);
                continue;
            }

            bounds.Add(start);
            bounds.Add(end);
        }

        return new CodePointSet([.. bounds]);
    }

    public IEnumerable<(int Start, int End)> Ranges()
    {
        for (int i = 0; i < _bounds.Length; i += 2)
            yield return (_bounds[i], _bounds[i + 1]);
    }

    public bool SameAs(CodePointSet other) => ReferenceEquals(this, other) || _bounds.AsSpan().SequenceEqual(other._bounds);

    public CodePointSet Union(CodePointSet other) =>
        IsEmpty ? other : other.IsEmpty ? this : FromRanges(Ranges().Concat(other.Ranges()));

    public CodePointSet Complement()
    {
        var bounds = new List<int>(_bounds.Length + 2);
        int next = 0;
        foreach ((int start, int end) in Ranges())
        {
            if (start > next)
            {
                bounds.Add(next);
                bounds.Add(start - 1);
            }

            next = end + 1;
        }

        if (next <= Last)
        {
            bounds.Add(next);
            bounds.Add(Last);
        }

        return new CodePointSet([.. bounds]);
    }

    public CodePointSet Intersect(CodePointSet other) =>
        ReferenceEquals(this, All) ? other : Complement().Union(other.Complement()).Complement();

    public bool Contains(int codePoint)
    {
        int low = 0;
        int high = (_bounds.Length / 2) - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (codePoint < _bounds[2 * middle])
                high = middle - 1;
            else if (codePoint > _bounds[(2 * middle) + 1])
                low = middle + 1;
            else
                return true;
        }

        return false;
    }
}
