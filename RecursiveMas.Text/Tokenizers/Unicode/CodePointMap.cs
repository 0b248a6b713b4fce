using System.Runtime.CompilerServices;
using System.Text;

namespace RecursiveMas.Tokenizers.Unicode;

/// <summary>A byte for every code point, in pages of 256 of which equal ones are stored once.</summary>
internal sealed class CodePointMap
{
    private readonly ushort[] _pages;
    private readonly byte[] _values;

    private CodePointMap(ushort[] pages, byte[] values)
    {
        _pages = pages;
        _values = values;
    }

    public byte this[int codePoint]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _values[(_pages[codePoint >>> 8] << 8) | (codePoint & 0xFF)];
    }

    public static CodePointMap Of(CodePointSet set) => FromRanges(set.Ranges().Select(range => (range.Start, range.End, (byte)1)));

    /// <summary>Ranges in ascending order without overlap; zero elsewhere.</summary>
    public static CodePointMap FromRanges(IEnumerable<(int Start, int End, byte Value)> ranges)
    {
        var pages = new ushort[(CodePointSet.Last + 1) >> 8];
        var values = new List<byte>();
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        Span<byte> page = stackalloc byte[256];
        using IEnumerator<(int Start, int End, byte Value)> next = ranges.GetEnumerator();
        bool more = next.MoveNext();
        for (int p = 0; p < pages.Length; p++)
        {
            int first = p << 8;
            int last = first + 255;
            while (more && next.Current.End < first)
                more = next.MoveNext();

            // Nearly all pages lie within one range, or outside all of them.
            byte? uniform = !more || next.Current.Start > last ? (byte)0
                : next.Current.Start <= first && next.Current.End >= last ? next.Current.Value : null;
            if (uniform is { } value)
            {
                pages[p] = IndexOf(new string((char)value, 1));
                continue;
            }

            page.Clear();
            while (more && next.Current.Start <= last)
            {
                (int start, int end, byte filled) = next.Current;
                start = Math.Max(start, first);
                page[(start - first)..(Math.Min(end, last) - first + 1)].Fill(filled);
                if (end > last)
                    break;
                more = next.MoveNext();
            }

            pages[p] = IndexOf(Encoding.Latin1.GetString(page));
        }

        return new CodePointMap(pages, [.. values]);

        // A page of a single value is known by that value alone.
        ushort IndexOf(string key)
        {
            if (known.TryGetValue(key, out ushort index))
                return index;
            index = (ushort)known.Count;
            known.Add(key, index);
            values.AddRange(key.Length == 1 ? Enumerable.Repeat((byte)key[0], 256) : key.Select(c => (byte)c));
            return index;
        }
    }
}
