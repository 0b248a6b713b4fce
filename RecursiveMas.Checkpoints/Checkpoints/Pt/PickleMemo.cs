namespace RecursiveMas.Checkpoints.Pt;

/// <summary>The memo of a pickle. It grows by pages, so that nothing is ever copied to a larger place: a slot costs eight bytes and no more.</summary>
/// <param name="maximumSlots">Slots from this number on are none.</param>
/// <param name="charge">Told of the bytes of each page before it is made.</param>
internal sealed class PickleMemo(int maximumSlots, Action<long> charge)
{
    private const int PageSlots = 512;
    private const int PageBytes = 24 + (8 * PageSlots);

    private static readonly object s_none = new();
    private readonly object?[]?[] _pages = new object?[]?[(maximumSlots + PageSlots - 1) / PageSlots];

    /// <summary>Fills a slot; false if there is none of this number.</summary>
    public bool TryPut(uint slot, object? value)
    {
        if (slot >= maximumSlots)
            return false;
        ref object?[]? page = ref _pages[slot / PageSlots];
        if (page is null)
        {
            charge(PageBytes);
            page = new object?[PageSlots];
        }

        page[slot % PageSlots] = value ?? s_none;
        return true;
    }

    /// <summary>Reads a slot; false if it was never filled.</summary>
    public bool TryGet(uint slot, out object? value)
    {
        value = slot < maximumSlots ? _pages[slot / PageSlots]?[slot % PageSlots] : null;
        bool filled = value is not null;
        if (ReferenceEquals(value, s_none))
            value = null;
        return filled;
    }
}
