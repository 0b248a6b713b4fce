using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Mapping;

/// <summary>
/// Text that is being rewritten: UTF-16 units and, where asked for, the range of the source that each unit stands for.
/// A rewrite appends to the next version by keeping and putting and ends with <see cref="Commit"/>.
/// </summary>
internal sealed class MappedText
{
    private char[] _units = new char[256];
    private char[] _nextUnits = new char[256];
    private int[] _starts = [];
    private int[] _ends = [];
    private int[] _nextStarts = [];
    private int[] _nextEnds = [];
    private int _length;
    private int _nextLength;

    // A hostile tokenizer must not blow a text up: a sequence of replacements multiplies.
    private long _limit;

    public int Length => _length;

    /// <summary>Units of the version under construction.</summary>
    public int NextLength => _nextLength;

    public bool IsTracked { get; private set; }

    public ReadOnlySpan<char> Text => _units.AsSpan(0, _length);

    public (int Start, int End) Origin(int unit) => (_starts[unit], _ends[unit]);

    /// <param name="source">The text.</param>
    /// <param name="offset">Where it stands in the whole source.</param>
    /// <param name="tracked">Whether to keep the origins of units.</param>
    public void Load(ReadOnlySpan<char> source, int offset, bool tracked)
    {
        IsTracked = tracked;
        _nextLength = 0;
        _limit = (64L * source.Length) + 1_000_000;
        Reserve(source.Length);
        source.CopyTo(_nextUnits);
        if (tracked)
        {
            for (int i = 0; i < source.Length; i++)
            {
                bool second = i > 0 && char.IsLowSurrogate(source[i]) && char.IsHighSurrogate(source[i - 1]);
                bool first = char.IsHighSurrogate(source[i]) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1]);
                _nextStarts[i] = offset + i - (second ? 1 : 0);
                _nextEnds[i] = offset + i + (first ? 2 : 1);
            }
        }

        _nextLength = source.Length;
        Commit();
    }

    /// <summary>Takes a part of another text with its origins.</summary>
    public void LoadPart(MappedText other, int start, int end)
    {
        IsTracked = other.IsTracked;
        _nextLength = 0;
        _limit = other._limit;
        Reserve(end - start);
        other._units.AsSpan(start, end - start).CopyTo(_nextUnits);
        if (IsTracked)
        {
            other._starts.AsSpan(start, end - start).CopyTo(_nextStarts);
            other._ends.AsSpan(start, end - start).CopyTo(_nextEnds);
        }

        _nextLength = end - start;
        Commit();
    }

    /// <summary>Appends a range of the current version.</summary>
    public void Keep(int start, int end)
    {
        int count = end - start;
        Reserve(count);
        _units.AsSpan(start, count).CopyTo(_nextUnits.AsSpan(_nextLength));
        if (IsTracked)
        {
            _starts.AsSpan(start, count).CopyTo(_nextStarts.AsSpan(_nextLength));
            _ends.AsSpan(start, count).CopyTo(_nextEnds.AsSpan(_nextLength));
        }

        _nextLength += count;
    }

    /// <summary>
    /// Appends a code point that stands for the units from <paramref name="first"/> up to and including <paramref name="last"/> of the current version.
    /// </summary>
    public void Put(int codePoint, int first, int last)
    {
        Reserve(2);
        int written = Utf16.Write(codePoint, _nextUnits.AsSpan(_nextLength));
        if (IsTracked)
        {
            bool known = first < _length;
            int start = known ? _starts[first] : 0;
            int end = known ? _ends[last] : 0;
            _nextStarts.AsSpan(_nextLength, written).Fill(start);
            _nextEnds.AsSpan(_nextLength, written).Fill(end);
        }

        _nextLength += written;
    }

    /// <summary>Appends text that stands for the unit <paramref name="at"/>.</summary>
    public void Put(ReadOnlySpan<char> text, int at)
    {
        for (int i = 0; i < text.Length;)
        {
            Put(Utf16.CodePointAt(text, i, out int length), at, at);
            i += length;
        }
    }

    /// <summary>Makes the new version the current one.</summary>
    public void Commit()
    {
        (_units, _nextUnits) = (_nextUnits, _units);
        (_starts, _nextStarts) = (_nextStarts, _starts);
        (_ends, _nextEnds) = (_nextEnds, _ends);
        _length = _nextLength;
        _nextLength = 0;
    }

    /// <summary>Gives back memory that a very long text needed.</summary>
    public void Trim()
    {
        const int kept = 1 << 20;
        if (_units.Length <= kept && _nextUnits.Length <= kept)
            return;
        (_units, _nextUnits) = (new char[256], new char[256]);
        (_starts, _ends, _nextStarts, _nextEnds) = ([], [], [], []);
        _length = 0;
    }

    private void Reserve(int more)
    {
        int needed = checked(_nextLength + more);
        if (needed > _limit)
            throw new TokenizationException($"The tokenizer makes a text longer than {_limit:N0} characters. Repair its normalizer or pre-tokenizer.");
        if (needed > _nextUnits.Length)
            Array.Resize(ref _nextUnits, Math.Max(needed, 2 * _nextUnits.Length));
        if (!IsTracked || needed <= _nextStarts.Length)
            return;
        Array.Resize(ref _nextStarts, _nextUnits.Length);
        Array.Resize(ref _nextEnds, _nextUnits.Length);
    }
}
