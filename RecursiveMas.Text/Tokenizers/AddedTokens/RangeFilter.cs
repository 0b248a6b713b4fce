using RecursiveMas.Tokenizers.PreTokenizers;

namespace RecursiveMas.Tokenizers.AddedTokens;

/// <summary>Ranges of the source in which no special token may be found, and how positions of a text map to the source.</summary>
internal readonly ref struct RangeFilter
{
    private readonly ReadOnlySpan<(int Start, int End)> _protected;
    private readonly PieceList? _pieces;
    private readonly bool _nowhere;

    private RangeFilter(ReadOnlySpan<(int Start, int End)> ranges, PieceList? pieces, bool nowhere)
    {
        _protected = ranges;
        _pieces = pieces;
        _nowhere = nowhere;
    }

    /// <summary>Special tokens may stand anywhere.</summary>
    public static RangeFilter Everything => default;

    /// <summary>Special tokens may stand nowhere.</summary>
    public static RangeFilter Nothing => new(default, null, nowhere: true);

    /// <param name="ranges">Protected ranges of the source, sorted and without overlap.</param>
    /// <param name="pieces">If given, positions are those of its text instead of the source.</param>
    public static RangeFilter Outside(ReadOnlySpan<(int Start, int End)> ranges, PieceList? pieces) => new(ranges, pieces, nowhere: false);

    public RangeFilter In(PieceList pieces) => new(_protected, pieces, _nowhere);

    /// <summary>Whether the whole text is free, so that nothing needs to be asked.</summary>
    public bool AllowsAll => !_nowhere && _protected.IsEmpty;

    /// <summary>Whether a special token may cover the range. One that touches only a part of a protected range may not.</summary>
    public bool Allows(int start, int end)
    {
        if (AllowsAll)
            return true;
        if (_nowhere)
            return false;
        if (_pieces is not null)
            (start, end) = _pieces.Origin(start, end);
        int low = 0;
        int high = _protected.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_protected[middle].End <= start)
                low = middle + 1;
            else if (_protected[middle].Start >= end)
                high = middle - 1;
            else
                return false;
        }

        return true;
    }
}
