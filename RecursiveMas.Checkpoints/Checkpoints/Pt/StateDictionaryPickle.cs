using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using static RecursiveMas.Checkpoints.Pt.PickleOpcodes;

namespace RecursiveMas.Checkpoints.Pt;

/// <summary>Writes the pickle of a module's state dictionary, opcode for opcode as Python's pickler does for torch.save.</summary>
internal sealed class StateDictionaryPickle
{
    private const int SetItemsBatch = 1000;
    private readonly List<byte> _bytes = [];
    private readonly Dictionary<string, int> _memo = new(StringComparer.Ordinal);
    private int _slots;

    /// <summary>The pickle; storages are numbered in the order of the tensors.</summary>
    /// <param name="tensors">Contiguous tensors, each with a storage of its own.</param>
    /// <param name="modules">Module paths for the attached <c>_metadata</c>.</param>
    /// <param name="location">Tag of every storage: "cpu", or the accelerator that it was saved from.</param>
    public static byte[] Write(IReadOnlyList<PtTensorSource> tensors, IReadOnlyList<string> modules, string location)
    {
        var pickle = new StateDictionaryPickle();
        pickle._bytes.AddRange([Proto, 2]);
        pickle.OrderedDict();
        int storage = 0;
        foreach (PtTensorSource[] batch in tensors.Chunk(SetItemsBatch))
        {
            pickle.Open(batch.Length);
            foreach (PtTensorSource tensor in batch)
                pickle.Entry(tensor, storage++, location);
            pickle.Close(batch.Length);
        }

        pickle.Metadata(modules);
        pickle._bytes.Add(Stop);
        return pickle._bytes.ToArray();
    }

    private void Entry(PtTensorSource tensor, int storage, string location)
    {
        NewText(tensor.Name);
        Symbol("torch._utils _rebuild_tensor_v2");
        _bytes.Add(Mark);
        _bytes.Add(Mark);
        Text("storage");
        Symbol("torch " + ClassOf(tensor.Type));
        NewText(FormattableString.Invariant($"{storage}"));
        // An accelerator's tag is a new text each time; "cpu" is one and the same.
        if (location == "cpu")
            Text(location);
        else
            NewText(location);
        Number(tensor.Count);
        _bytes.Add(PickleOpcodes.Tuple);
        Put();
        _bytes.Add(BinPersId);
        Number(0);
        Numbers(tensor.Shape);
        Numbers(RowMajor(tensor.Shape));
        _bytes.Add(NewFalse);
        OrderedDict();
        _bytes.Add(PickleOpcodes.Tuple);
        Put();
        _bytes.Add(Reduce);
        Put();
    }

    private void Metadata(IReadOnlyList<string> modules)
    {
        EmptyDictionary();
        NewText("_metadata");
        OrderedDict();
        Open(modules.Count);
        foreach (string module in modules)
        {
            NewText(module);
            EmptyDictionary();
            Text("version");
            Number(1);
            _bytes.Add(SetItem);
        }

        Close(modules.Count);
        _bytes.Add(SetItem);
        _bytes.Add(Build);
    }

    private void OrderedDict()
    {
        Symbol("collections OrderedDict");
        _bytes.Add(EmptyTuple);
        _bytes.Add(Reduce);
        Put();
    }

    private void EmptyDictionary()
    {
        _bytes.Add(EmptyDict);
        Put();
    }

    private void Open(int count)
    {
        if (count > 1)
            _bytes.Add(Mark);
    }

    private void Close(int count) => _bytes.Add(count > 1 ? SetItems : SetItem);

    private void Symbol(string symbol)
    {
        if (Recall(symbol))
            return;
        _bytes.Add(Global);
        _bytes.AddRange(Encoding.ASCII.GetBytes(symbol.Replace(' ', '\n') + "\n"));
        Remember(symbol);
    }

    private void Text(string text)
    {
        if (Recall(text))
            return;
        NewText(text);
        _memo[text] = _slots - 1;
    }

    private void NewText(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)utf8.Length);
        _bytes.Add(BinUnicode);
        _bytes.AddRange(length);
        _bytes.AddRange(utf8);
        Put();
    }

    private void Numbers(IReadOnlyList<long> numbers)
    {
        if (numbers.Count > 3)
            _bytes.Add(Mark);
        foreach (long number in numbers)
            Number(number);
        _bytes.Add(numbers.Count switch { 0 => EmptyTuple, 1 => Tuple1, 2 => Tuple2, 3 => Tuple3, _ => PickleOpcodes.Tuple });
        if (numbers.Count > 0)
            Put();
    }

    private void Number(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        switch (value)
        {
            case <= byte.MaxValue:
                _bytes.Add(BinInt1);
                _bytes.AddRange(bytes[..1]);
                break;
            case <= ushort.MaxValue:
                _bytes.Add(BinInt2);
                _bytes.AddRange(bytes[..2]);
                break;
            case <= int.MaxValue:
                _bytes.Add(BinInt);
                _bytes.AddRange(bytes[..4]);
                break;
            default:
                byte[] shortest = new BigInteger(value).ToByteArray();
                _bytes.Add(Long1);
                _bytes.Add((byte)shortest.Length);
                _bytes.AddRange(shortest);
                break;
        }
    }

    private bool Recall(string what)
    {
        if (!_memo.TryGetValue(what, out int slot))
            return false;
        Slot(BinGet, LongBinGet, slot);
        return true;
    }

    private void Remember(string what)
    {
        _memo[what] = _slots;
        Put();
    }

    private void Put() => Slot(BinPut, LongBinPut, _slots++);

    private void Slot(byte narrow, byte wide, int slot)
    {
        if (slot <= byte.MaxValue)
        {
            _bytes.AddRange([narrow, (byte)slot]);
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, slot);
        _bytes.Add(wide);
        _bytes.AddRange(bytes);
    }

    private static long[] RowMajor(IReadOnlyList<long> shape)
    {
        long[] strides = new long[shape.Count];
        long stride = 1;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(shape[i], 1);
        }

        return strides;
    }

    private static string ClassOf(ElementType type) =>
        PtRules.General.Symbols.Values.First(symbol => symbol.Kind == PickleSymbolKind.Storage && symbol.Type == type).Name;
}
