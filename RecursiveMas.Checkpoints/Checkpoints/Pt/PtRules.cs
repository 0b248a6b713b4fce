using RecursiveMas.Checkpoints.Pt;

namespace RecursiveMas;

/// <summary>What a file of torch.save may hold, and how much of it. What is not allowed is refused before anything is made of it.</summary>
public sealed record PtRules
{
    private static readonly Dictionary<string, PickleSymbol> s_functions = new(StringComparer.Ordinal)
    {
        ["collections OrderedDict"] = new(PickleSymbolKind.OrderedDict, "OrderedDict"),
        ["torch._utils _rebuild_tensor_v2"] = new(PickleSymbolKind.RebuildTensor, "_rebuild_tensor_v2"),
        ["torch._utils _rebuild_parameter"] = new(PickleSymbolKind.RebuildParameter, "_rebuild_parameter"),
    };

    private static readonly PickleSymbol[] s_linkStorages =
    [
        new(PickleSymbolKind.Storage, "BFloat16Storage", ElementType.BFloat16, 2),
        new(PickleSymbolKind.Storage, "HalfStorage", ElementType.Float16, 2),
        new(PickleSymbolKind.Storage, "FloatStorage", ElementType.Float32, 4),
    ];

    private static readonly PickleSymbol[] s_otherStorages =
    [
        new(PickleSymbolKind.Storage, "DoubleStorage", ElementType.Float64, 8),
        new(PickleSymbolKind.Storage, "BoolStorage", ElementType.Bool, 1),
        new(PickleSymbolKind.Storage, "ByteStorage", ElementType.Byte, 1),
        new(PickleSymbolKind.Storage, "CharStorage", ElementType.Int8, 1),
        new(PickleSymbolKind.Storage, "ShortStorage", ElementType.Int16, 2),
        new(PickleSymbolKind.Storage, "IntStorage", ElementType.Int32, 4),
        new(PickleSymbolKind.Storage, "LongStorage", ElementType.Int64, 8),
        new(PickleSymbolKind.Storage, "ComplexFloatStorage", ElementType.ComplexFloat32, 8),
        new(PickleSymbolKind.Storage, "ComplexDoubleStorage", ElementType.ComplexFloat64, 16),
    ];

    private PtRules(PickleSymbol[] storages, IReadOnlySet<byte> opcodes) => (Symbols, Opcodes) = (WithStorages(storages), opcodes);

    /// <summary>Flat state dictionaries of links: small, and of three element types.</summary>
    public static PtRules Link { get; } = new(s_linkStorages, PickleOpcodes.StateDictionary)
    {
        NewestProtocol = 2,
        MaximumPickleBytes = 1 << 20,
        MaximumText = 4096,
        MaximumStack = 1000,
        MaximumTensors = 64,
        SmallestRank = 1,
        LargestRank = 2,
        MaximumObjectBytes = 256 << 10,
    };

    /// <summary>Anything made of tensors and plain values; up to 10,000 tensors of any element type.</summary>
    public static PtRules General { get; } = new([.. s_linkStorages, .. s_otherStorages], PickleOpcodes.PlainValues)
    {
        NewestProtocol = 3,
        MaximumPickleBytes = 1 << 20,
        MaximumText = 1 << 20,
        MaximumStack = 10_000,
        MaximumTensors = 10_000,
        SmallestRank = 0,
        LargestRank = 64,
        MaximumObjectBytes = 16 << 20,
    };

    /// <summary>Allowed globals by "module name".</summary>
    internal IReadOnlyDictionary<string, PickleSymbol> Symbols { get; }

    /// <summary>Allowed opcodes.</summary>
    internal IReadOnlySet<byte> Opcodes { get; }

    /// <summary>Protocols from 2 to this one are read.</summary>
    internal int NewestProtocol { get; init; }

    /// <summary>Largest pickle in bytes.</summary>
    internal int MaximumPickleBytes { get; init; }

    /// <summary>Longest text in bytes.</summary>
    internal int MaximumText { get; init; }

    /// <summary>Most values and marks on the stack.</summary>
    internal int MaximumStack { get; init; }

    /// <summary>Most tensors that may be described.</summary>
    public int MaximumTensors { get; private init; }

    /// <summary>Fewest dimensions of a tensor; where it is above 0, empty tensors are refused too.</summary>
    internal int SmallestRank { get; init; }

    /// <summary>Most dimensions of a tensor.</summary>
    internal int LargestRank { get; init; }

    /// <summary>Bytes of objects that a pickle may make, beyond once the size of its file.</summary>
    internal long MaximumObjectBytes { get; init; }

    /// <summary>Most memo slots.</summary>
    internal int MaximumMemo { get; } = 100_000;

    /// <summary>Most levels of containers.</summary>
    internal int MaximumDepth { get; } = 16;

    private static Dictionary<string, PickleSymbol> WithStorages(PickleSymbol[] storages)
    {
        var symbols = new Dictionary<string, PickleSymbol>(s_functions, StringComparer.Ordinal);
        foreach (PickleSymbol storage in storages)
            symbols.Add($"torch {storage.Name}", storage);
        return symbols;
    }
}
