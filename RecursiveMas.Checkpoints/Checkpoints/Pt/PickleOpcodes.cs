using System.Collections.Frozen;

namespace RecursiveMas.Checkpoints.Pt;

/// <summary>The opcodes of Python's pickle that may occur.</summary>
internal static class PickleOpcodes
{
    public const byte
        Proto = 0x80, Stop = (byte)'.', Mark = (byte)'(',
        BinPut = (byte)'q', LongBinPut = (byte)'r', BinGet = (byte)'h', LongBinGet = (byte)'j',
        BinUnicode = (byte)'X', BinInt = (byte)'J', BinInt1 = (byte)'K', BinInt2 = (byte)'M', Long1 = 0x8a,
        NewTrue = 0x88, NewFalse = 0x89, None = (byte)'N', BinFloat = (byte)'G',
        EmptyTuple = (byte)')', Tuple = (byte)'t', Tuple1 = 0x85, Tuple2 = 0x86, Tuple3 = 0x87,
        EmptyDict = (byte)'}', SetItem = (byte)'s', SetItems = (byte)'u',
        EmptyList = (byte)']', Append = (byte)'a', Appends = (byte)'e',
        Global = (byte)'c', Reduce = (byte)'R', Build = (byte)'b', BinPersId = (byte)'Q';

    private static readonly byte[] s_stateDictionary =
    [
        Proto, Stop, Mark, BinPut, LongBinPut, BinGet, LongBinGet, BinUnicode, BinInt, BinInt1, BinInt2, Long1, NewTrue, NewFalse, None,
        EmptyTuple, Tuple, Tuple1, Tuple2, Tuple3, EmptyDict, SetItem, SetItems, Global, Reduce, Build, BinPersId,
    ];

    /// <summary>What a state dictionary is written with.</summary>
    public static IReadOnlySet<byte> StateDictionary { get; } = s_stateDictionary.ToFrozenSet();

    /// <summary>The same, and lists and floating-point numbers.</summary>
    public static IReadOnlySet<byte> PlainValues { get; } = s_stateDictionary.Concat([BinFloat, EmptyList, Append, Appends]).ToFrozenSet();
}
