using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.Normalizers;

namespace RecursiveMas.Tokenizers.PreTokenizers;

/// <summary>
/// One stretch of text between added tokens and the pieces it has been cut into. Pre-tokenizers add to the next list of pieces and
/// <see cref="Commit"/>; those that change the text rewrite it in <see cref="Mapped"/> first.
/// </summary>
internal sealed class PieceList
{
    private readonly MappedText _mapped = new();
    private ReadOnlyMemory<char> _source;
    private int _offset;
    private bool _isMapped;
    private (int Start, int End)[] _pieces = new (int, int)[64];
    private (int Start, int End)[] _next = new (int, int)[64];
    private int _nextCount;

    public int Count { get; private set; }

    public ReadOnlySpan<char> Text => _isMapped ? _mapped.Text : _source.Span;

    public ReadOnlySpan<(int Start, int End)> Pieces => _pieces.AsSpan(0, Count);

    /// <summary>Begins with a stretch of the source as a single piece.</summary>
    /// <param name="source">The whole source.</param>
    /// <param name="start">Start of the stretch.</param>
    /// <param name="end">End of the stretch.</param>
    /// <param name="normalizer">Applied to the stretch, if any.</param>
    /// <param name="tracked">Whether the origin of rewritten text is needed.</param>
    public void Load(ReadOnlyMemory<char> source, int start, int end, TextNormalizer? normalizer, bool tracked)
    {
        _source = source[start..end];
        _offset = start;
        _isMapped = false;
        IsTracked = tracked;
        if (normalizer is not null && !normalizer.LeavesAlone(_source.Span))
            normalizer.Apply(Mapped());
        SetSingle(0, Text.Length);
    }

    /// <summary>Begins with a part of another list's text.</summary>
    public void LoadPart(PieceList other, int start, int end)
    {
        if (!other._isMapped)
        {
            Load(other._source, start, end, null, other.IsTracked);
            _offset = other._offset + start;
            return;
        }

        IsTracked = other.IsTracked;
        _mapped.LoadPart(other._mapped, start, end);
        _isMapped = true;
        SetSingle(0, end - start);
    }

    public bool IsTracked { get; private set; }

    /// <summary>Keeps only a part of the text, as a single piece.</summary>
    public void SetSingle(int start, int end)
    {
        _nextCount = 0;
        Add(start, end);
        Commit();
    }

    /// <summary>The text for rewriting.</summary>
    public MappedText Mapped()
    {
        if (!_isMapped)
        {
            _mapped.Load(_source.Span, _offset, IsTracked);
            _isMapped = true;
        }

        return _mapped;
    }

    /// <summary>The range of the source that a non-empty range of the text stands for.</summary>
    public (int Start, int End) Origin(int start, int end) =>
        _isMapped ? (_mapped.Origin(start).Start, _mapped.Origin(end - 1).End) : (_offset + start, _offset + end);

    /// <summary>Adds a piece to the next list; empty ones vanish.</summary>
    public void Add(int start, int end)
    {
        if (start == end)
            return;
        if (_nextCount == _next.Length)
            Array.Resize(ref _next, 2 * _nextCount);
        _next[_nextCount++] = (start, end);
    }

    public void Commit()
    {
        (_pieces, _next) = (_next, _pieces);
        Count = _nextCount;
        _nextCount = 0;
    }

    public void Trim()
    {
        _mapped.Trim();
        _source = default;
        if (_pieces.Length > 1 << 19 || _next.Length > 1 << 19)
            (_pieces, _next) = (new (int, int)[64], new (int, int)[64]);
    }
}
