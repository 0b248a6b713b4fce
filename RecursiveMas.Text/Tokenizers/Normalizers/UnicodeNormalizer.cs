using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Normalizers;

/// <summary>NFC, NFD, NFKC and NFKD after the tables of the tokenizers engine.</summary>
internal sealed class UnicodeNormalizer : TextNormalizer
{
    private const int HangulBase = 0xAC00;
    private const int HangulCount = 11172;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    private static readonly Lazy<UnicodeNormalizer> s_nfc = new(() => new UnicodeNormalizer(compatibility: false, compose: true));
    private static readonly Lazy<UnicodeNormalizer> s_nfd = new(() => new UnicodeNormalizer(compatibility: false, compose: false));
    private static readonly Lazy<UnicodeNormalizer> s_nfkc = new(() => new UnicodeNormalizer(compatibility: true, compose: true));
    private static readonly Lazy<UnicodeNormalizer> s_nfkd = new(() => new UnicodeNormalizer(compatibility: true, compose: false));

    private readonly bool _compatibility;
    private readonly bool _compose;

    // 0 where a code point neither changes nor can be part of a change.
    private readonly CodePointMap _active;

    private UnicodeNormalizer(bool compatibility, bool compose)
    {
        _compatibility = compatibility;
        _compose = compose;
        _active = ActivePoints(compatibility, compose);
    }

    public static UnicodeNormalizer Nfc => s_nfc.Value;

    public static UnicodeNormalizer Nfd => s_nfd.Value;

    public static UnicodeNormalizer Nfkc => s_nfkc.Value;

    public static UnicodeNormalizer Nfkd => s_nfkd.Value;

    public override bool LeavesAlone(ReadOnlySpan<char> text)
    {
        int ascii = text.IndexOfAnyExceptInRange('\0', '\x7F');
        if (ascii < 0)
            return true;
        for (int i = ascii; i < text.Length;)
        {
            if (_active[Utf16.CodePointAt(text, i, out int length)] != 0)
                return false;
            i += length;
        }

        return true;
    }

    public override void Apply(MappedText text)
    {
        ReadOnlySpan<char> units = text.Text;
        var run = new List<Element>();
        var sources = new List<int>();
        for (int i = 0; i < units.Length;)
        {
            // A stretch of inactive code points is copied; only its last one can be the base of what follows.
            int start = i;
            int last = i;
            while (i < units.Length)
            {
                int point = Utf16.CodePointAt(units, i, out int length);
                if (_active[point] != 0)
                    break;
                last = i;
                i += length;
            }

            if (i >= units.Length)
            {
                text.Keep(start, i);
                break;
            }

            text.Keep(start, last);
            run.Clear();
            sources.Clear();
            for (int k = last; k < i;)
            {
                sources.Add(k);
                Decompose(Utf16.CodePointAt(units, k, out int length), run);
                k += length;
            }

            while (i < units.Length)
            {
                int point = Utf16.CodePointAt(units, i, out int length);
                if (_active[point] == 0)
                    break;
                sources.Add(i);
                Decompose(point, run);
                i += length;
            }

            Order(run);
            Put(run, _compose ? Compose(run) : run.Count, sources, text);
        }

        text.Commit();
    }

    // Origins follow the places of the source, as in the reference engine, not the marks that change places; a composed character
    // stands for its base alone.
    private static void Put(List<Element> run, int count, List<int> sources, MappedText text)
    {
        int next = 0;
        for (int k = 0; k < count; k++)
        {
            int change = run[k].Change;
            int source = sources[Math.Clamp(change > 0 ? next - 1 : next, 0, sources.Count - 1)];
            text.Put(run[k].Point, source, source);
            if (change <= 0)
                next += 1 - change;
        }
    }

    private void Decompose(int point, List<Element> into)
    {
        int before = into.Count;
        if (point is >= HangulBase and < HangulBase + HangulCount)
        {
            int index = point - HangulBase;
            Add(LeadBase + (index / (VowelCount * TrailCount)));
            Add(VowelBase + (index % (VowelCount * TrailCount) / TrailCount));
            if (index % TrailCount != 0)
                Add(TrailBase + (index % TrailCount));
            return;
        }

        if ((_compatibility && UnicodeTables.CompatibilityDecompositions.TryGetValue(point, out int[]? parts))
            || UnicodeTables.CanonicalDecompositions.TryGetValue(point, out parts))
        {
            foreach (int part in parts)
                Add(part);
            return;
        }

        Add(point);

        void Add(int c) => into.Add(new Element(c, UnicodeTables.CombiningClasses[c], into.Count == before ? 0 : 1));
    }

    private static void Order(List<Element> run)
    {
        for (int i = 0; i < run.Count;)
        {
            if (run[i].Class == 0)
            {
                i++;
                continue;
            }

            int start = i;
            bool sorted = true;
            while (++i < run.Count && run[i].Class != 0)
                sorted &= run[i - 1].Class <= run[i].Class;
            if (sorted)
                continue;
            Element[] ordered = [.. run[start..i].OrderBy(element => element.Class)];
            for (int k = 0; k < ordered.Length; k++)
                run[start + k] = ordered[k];
        }
    }

    private static int Compose(List<Element> run)
    {
        int starter = -1;
        int count = 0;
        int lastClass = 0;
        for (int i = 0; i < run.Count; i++)
        {
            Element next = run[i];
            bool free = starter >= 0 && (count == starter + 1 || (lastClass < next.Class && lastClass != 0));
            if (free && TryCompose(run[starter].Point, next.Point, out int composed))
            {
                Element whole = run[starter];
                run[starter] = whole with { Point = composed, Change = whole.Change + next.Change - 1 };
                continue;
            }

            if (next.Class == 0)
                starter = count;
            lastClass = next.Class;
            run[count++] = next;
        }

        return count;
    }

    private static bool TryCompose(int first, int second, out int composed)
    {
        if (first is >= LeadBase and < LeadBase + 19 && second is >= VowelBase and < VowelBase + VowelCount)
        {
            composed = HangulBase + ((((first - LeadBase) * VowelCount) + (second - VowelBase)) * TrailCount);
            return true;
        }

        if (first is >= HangulBase and < HangulBase + HangulCount && (first - HangulBase) % TrailCount == 0
            && second is > TrailBase and < TrailBase + TrailCount)
        {
            composed = first + (second - TrailBase);
            return true;
        }

        return UnicodeTables.Compositions.TryGetValue((first, second), out composed);
    }

    private static CodePointMap ActivePoints(bool compatibility, bool compose)
    {
        var active = new SortedSet<int>();
        HashSet<int> composites = compose ? [.. UnicodeTables.Compositions.Values] : [];
        active.UnionWith(UnicodeTables.CanonicalDecompositions.Keys.Where(point => !composites.Contains(point)));
        if (compatibility)
            active.UnionWith(UnicodeTables.CompatibilityDecompositions.Keys);
        for (int point = 0x300; point <= 0x1FFFF; point++)
        {
            if (UnicodeTables.CombiningClasses[point] != 0)
                active.Add(point);
        }

        if (compose)
        {
            active.UnionWith(UnicodeTables.Compositions.Keys.Select(pair => pair.Second));
            active.UnionWith(Enumerable.Range(VowelBase, VowelCount));
            active.UnionWith(Enumerable.Range(TrailBase + 1, TrailCount - 1));
        }
        else
        {
            active.UnionWith(Enumerable.Range(HangulBase, HangulCount));
        }

        return CodePointMap.Of(CodePointSet.FromRanges(active.Select(point => (point, point))));
    }

    /// <summary>A code point, its combining class, and by how much it lengthens the text: 1 if it was put in, -n if it swallowed n others.</summary>
    private readonly record struct Element(int Point, byte Class, int Change);
}
