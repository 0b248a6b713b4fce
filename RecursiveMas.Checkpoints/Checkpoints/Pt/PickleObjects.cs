namespace RecursiveMas.Checkpoints.Pt;

/// <summary>Makes the objects that a pickle describes, checking every argument.</summary>
internal sealed class PickleObjects(PtRules rules, Func<string, CheckpointException> bad, Action<long> charge)
{
    /// <summary>Bytes that an item of a growing list may cost, the outgrown arrays included.</summary>
    public const long ListSlot = 32;

    private const int StorageFields = 5;
    private const long FirstEntry = 320, Entry = 144;
    private int _tensors;

    public PickleDict NewDict(bool ordered)
    {
        charge(80);
        return new PickleDict(ordered);
    }

    public PickleList NewList()
    {
        charge(64);
        return new PickleList();
    }

    /// <summary>Adds an entry to a dictionary.</summary>
    public void Set(PickleDict dict, object? key, object? value)
    {
        charge(dict.Items.Count == 0 ? FirstEntry : Entry);
        if (key is PickleDict or PickleList)
            throw bad("uses a dictionary or a list as a key");
        if (!dict.TryAdd(key, value))
            throw bad($"sets the key '{Shorten(key as string ?? $"{key}")}' twice");
        Nest(dict, key);
        Nest(dict, value);
    }

    /// <summary>Notes that a container now holds an item.</summary>
    public void Nest(PickleContainer container, object? item)
    {
        if (item is PickleContainer inner)
            container.Depth = Math.Max(container.Depth, inner.Depth + 1);
        if (container.Depth > rules.MaximumDepth)
            throw bad($"nests more than {rules.MaximumDepth} levels");
    }

    /// <summary>The result of a "call" of an allowed symbol.</summary>
    public object Reduce(object? callable, object? arguments)
    {
        object?[] items = arguments is PickleTuple tuple ? tuple.Items : throw bad("calls something without a tuple of arguments");
        return callable is not PickleSymbol symbol ? throw bad("calls something that is no symbol") : symbol.Kind switch
        {
            PickleSymbolKind.OrderedDict when items.Length == 0 => NewDict(ordered: true),
            PickleSymbolKind.RebuildTensor when items.Length is 6 or 7 => Tensor(items),
            PickleSymbolKind.RebuildParameter when items.Length == 3 => Parameter(items),
            _ => throw bad($"calls {symbol.Name} with {items.Length} arguments"),
        };
    }

    /// <summary>Checks the state that BUILD would attach: only the notes of a module's state dictionary, which are dropped.</summary>
    public void CheckState(object? target, object? state)
    {
        bool notes = target is PickleDict { Ordered: true }
            && state is PickleDict { Items: [{ Key: "_metadata", Value: PickleDict modules }] }
            && modules.Items.TrueForAll(entry => entry is { Key: string, Value: PickleDict });
        if (!notes)
            throw bad("attaches a state other than the '_metadata' of a state dictionary");
    }

    /// <summary>The storage that a persistent id names.</summary>
    public PtStorage Storage(object? id)
    {
        if (id is not PickleTuple { Items: { Length: StorageFields } fields }
            || fields is not ["storage", PickleSymbol { Kind: PickleSymbolKind.Storage } type, string key, string, long count])
            throw bad("has a persistent id that is no storage");
        if (key.Length is 0 or > 9 || !key.All(char.IsAsciiDigit))
            throw bad($"names a storage '{Shorten(key)}', which is no number");
        if (count < 0 || count > long.MaxValue / type.ElementSize)
            throw bad($"gives the storage {key} {count} elements");
        charge(64);
        return new PtStorage(key, type.Name, type.Type, type.ElementSize, count);
    }

    private PtTensor Tensor(object?[] items)
    {
        if (items is not [PtStorage storage, long offset, PickleTuple size, PickleTuple stride, bool requiresGrad, PickleDict { Items.Count: 0 }, ..]
            || (items.Length == 7 && items[6] is not (null or PickleDict { Items.Count: 0 })))
            throw bad("rebuilds a tensor from arguments of the wrong kind");
        if (++_tensors > rules.MaximumTensors)
            throw bad($"describes more than {rules.MaximumTensors:N0} tensors");
        int rank = size.Items.Length;
        if (rank != stride.Items.Length || rank < rules.SmallestRank || rank > rules.LargestRank)
            throw bad(
                $"rebuilds a tensor of {rank} sizes and {stride.Items.Length} strides, where {rules.SmallestRank} to {rules.LargestRank} dimensions " +
                "are allowed");
        charge(200 + (16L * rank));
        long[] shape = Numbers(size), strides = Numbers(stride);
        return new PtTensor(storage, offset, shape, strides, requiresGrad, IsParameter: false, Extent(storage, offset, shape, strides));
    }

    private PtTensor Parameter(object?[] items)
    {
        if (items is not [PtTensor tensor, bool requiresGrad, PickleDict { Items.Count: 0 }])
            throw bad("rebuilds a parameter from arguments of the wrong kind");
        charge(120);
        return tensor with { RequiresGrad = requiresGrad, IsParameter = true };
    }

    private long[] Numbers(PickleTuple tuple)
    {
        long[] numbers = new long[tuple.Items.Length];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = tuple.Items[i] is long number and >= 0 ? number : throw bad("has a size or a stride that is no whole number from 0 upwards");
        return numbers;
    }

    /// <summary>Checks that every element lies inside of the storage; returns their number.</summary>
    private long Extent(PtStorage storage, long offset, long[] shape, long[] strides)
    {
        // Two 63-bit factors fit, and each sum is judged before the next is added.
        Int128 count = 1, last = offset;
        bool empty = false;
        for (int i = 0; i < shape.Length; i++)
        {
            empty |= shape[i] == 0;
            count *= Math.Max(shape[i], 1);
            last += (Int128)Math.Max(shape[i] - 1, 0) * strides[i];
            if (count > long.MaxValue / storage.ElementSize || last > long.MaxValue)
                throw bad("rebuilds a tensor whose size overflows");
        }

        if (empty && rules.SmallestRank > 0)
            throw bad("rebuilds an empty tensor");
        if (offset < 0 || offset > storage.Count || (!empty && last >= storage.Count))
            throw bad($"rebuilds a tensor that reaches to element {last} of a storage of {storage.Count}");
        return empty ? 0 : (long)count;
    }

    /// <summary>A text of the file as it may stand in a message.</summary>
    public static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
