using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Unicode;
using static RecursiveMas.Checkpoints.Pt.PickleOpcodes;

namespace RecursiveMas.Checkpoints.Pt;

/// <summary>
/// Reads a pickle as a description of values. Nothing is called and nothing is looked up: a global is a word from a list, and the three
/// functions that may be "called" are known shapes of data. There is no recursion, and what is made is charged against a budget.
/// </summary>
internal sealed class PickleInterpreter
{
    private static readonly object s_mark = new();
    private static readonly PickleTuple s_emptyTuple = new([]);

    private readonly byte[] _pickle;
    private readonly PtRules _rules;
    private readonly string _file;
    private readonly PickleObjects _objects;
    private readonly List<object?> _stack = [];
    private readonly PickleMemo _memo;
    private int _at;
    private int _opcodeAt;
    private long _budget;

    private PickleInterpreter(byte[] pickle, PtRules rules, string file, long fileLength)
    {
        (_pickle, _rules, _file) = (pickle, rules, file);
        _budget = rules.MaximumObjectBytes + fileLength;
        _objects = new PickleObjects(rules, Bad, Charge);
        _memo = new PickleMemo(rules.MaximumMemo, Charge);
    }

    /// <summary>The value that a pickle describes.</summary>
    /// <param name="pickle">Its bytes.</param>
    /// <param name="rules">What it may contain.</param>
    /// <param name="file">Name for messages.</param>
    /// <param name="fileLength">Length of the whole file in bytes, which bounds what the pickle may make.</param>
    /// <exception cref="CheckpointException">The pickle holds something that is not allowed; the message says what and where.</exception>
    public static object? Read(byte[] pickle, PtRules rules, string file, long fileLength) =>
        new PickleInterpreter(pickle, rules, file, fileLength).Run();

    private object? Run()
    {
        if (_pickle.Length < 2 || _pickle[0] != Proto)
            throw Bad("does not begin with a protocol number");
        while (true)
        {
            _opcodeAt = _at;
            byte opcode = Bytes(1)[0];
            if (!_rules.Opcodes.Contains(opcode))
                throw Bad($"uses the opcode 0x{opcode:x2}, which does not occur in a file of plain tensors");
            if (opcode == Stop)
                break;
            Step(opcode);
        }

        if (_at != _pickle.Length)
            throw Bad("goes on behind its end");
        if (_stack.Count != 1 || ReferenceEquals(_stack[0], s_mark))
            throw Bad("ends with something other than one value");
        return _stack[0];
    }

    private void Step(byte opcode)
    {
        switch (opcode)
        {
            case Proto: ReadProtocol(); break;
            case Mark: Push(s_mark); break;
            case BinPut: Put(Bytes(1)[0]); break;
            case LongBinPut: Put(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;
            case BinGet: Get(Bytes(1)[0]); break;
            case LongBinGet: Get(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;
            case BinUnicode: Push(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
            case BinInt: Push(Boxed<long>(BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)))); break;
            case BinInt1: Push(Boxed<long>(Bytes(1)[0])); break;
            case BinInt2: Push(Boxed<long>(BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)))); break;
            case Long1: Push(BigNumber(Bytes(Bytes(1)[0]))); break;
            case BinFloat: Push(Boxed(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)))); break;
            case NewTrue: Push(Boxed(true)); break;
            case NewFalse: Push(Boxed(false)); break;
            case None: Push(null); break;
            case EmptyTuple: Push(s_emptyTuple); break;
            case Tuple1: Push(MakeTuple(1)); break;
            case Tuple2: Push(MakeTuple(2)); break;
            case Tuple3: Push(MakeTuple(3)); break;
            case PickleOpcodes.Tuple: PushTupleToMark(); break;
            case EmptyDict: Push(_objects.NewDict(ordered: false)); break;
            case SetItem: SetLast(2); break;
            case SetItems: SetLast(_stack.Count - 1 - MarkIndex(), marked: true); break;
            case EmptyList: Push(_objects.NewList()); break;
            case Append: AppendLast(1); break;
            case Appends: AppendLast(_stack.Count - 1 - MarkIndex(), marked: true); break;
            case Global: Push(Symbol()); break;
            case Reduce: { object? arguments = Pop(), callable = Pop(); Push(_objects.Reduce(callable, arguments)); break; }
            case Build: { object? state = Pop(); _objects.CheckState(Peek(), state); break; }
            case BinPersId: Push(_objects.Storage(Pop())); break;
        }
    }

    private void ReadProtocol()
    {
        int protocol = Bytes(1)[0];
        if (_opcodeAt != 0)
            throw Bad("states its protocol twice");
        if (protocol < 2 || protocol > _rules.NewestProtocol)
            throw Bad(
                $"has protocol {protocol}, and only 2{(_rules.NewestProtocol > 2 ? $" to {_rules.NewestProtocol}" : "")} can be read. " +
                "torch.save writes protocol 2 unless told otherwise");
    }

    private string Text(uint length)
    {
        if (length > _rules.MaximumText || length > _pickle.Length - _at)
            throw Bad($"claims a text of {length:N0} bytes, more than there are or may be");
        ReadOnlySpan<byte> utf8 = Bytes((int)length);
        if (!Utf8.IsValid(utf8))
            throw Bad("has a text that is not UTF-8");
        Charge(32 + (2L * utf8.Length));
        return Encoding.UTF8.GetString(utf8);
    }

    private object BigNumber(ReadOnlySpan<byte> littleEndian)
    {
        Charge(40 + littleEndian.Length);
        var value = new BigInteger(littleEndian);
        return value >= long.MinValue && value <= long.MaxValue ? Boxed((long)value) : Boxed(value);
    }

    private object Boxed<T>(T value)
        where T : struct
    {
        Charge(24);
        return value;
    }

    private PickleSymbol Symbol()
    {
        const int LongestName = 64;
        string module = Line(LongestName), name = Line(LongestName), symbol = $"{module} {name}";
        return _rules.Symbols.TryGetValue(symbol, out PickleSymbol? known)
            ? known
            : throw Bad($"refers to '{symbol}', which is not on the list of what a file of plain tensors needs; nothing of it was run");
    }

    private string Line(int longest)
    {
        ReadOnlySpan<byte> rest = _pickle.AsSpan(_at);
        int length = rest[..Math.Min(rest.Length, longest + 1)].IndexOf((byte)'\n');
        if (length < 0)
            throw Bad("refers to a global whose name is too long");
        ReadOnlySpan<byte> line = Bytes(length + 1)[..length];
        foreach (byte character in line)
        {
            if (character is < 0x21 or > 0x7e)
                throw Bad("refers to a global whose name is not plain ASCII");
        }

        Charge(200);
        return Encoding.ASCII.GetString(line);
    }

    private void Put(uint slot)
    {
        // A writer numbers its slots one after another and spends two bytes on each.
        if (slot > _opcodeAt || !_memo.TryPut(slot, Peek()))
            throw Bad($"uses the memo slot {slot}, beyond what its length explains");
    }

    private void Get(uint slot)
    {
        if (!_memo.TryGet(slot, out object? value))
            throw Bad($"asks for the memo slot {slot}, which was never filled");
        Push(value);
    }

    private PickleTuple MakeTuple(int count)
    {
        if (_stack.Count < count)
            throw Bad("takes more from its stack than there is");
        Charge(56 + (8L * count));
        object?[] items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            items[i] = Pop();
        var tuple = new PickleTuple(items);
        foreach (object? item in items)
            _objects.Nest(tuple, item);
        return tuple;
    }

    private void PushTupleToMark()
    {
        PickleTuple tuple = MakeTuple(_stack.Count - 1 - MarkIndex());
        _stack.RemoveAt(_stack.Count - 1);
        Push(tuple);
    }

    private void SetLast(int count, bool marked = false)
    {
        int first = _stack.Count - count, target = first - (marked ? 2 : 1);
        if (target < 0 || count % 2 != 0 || _stack[target] is not PickleDict dict)
            throw Bad("sets entries of something that is no dictionary");
        for (int i = first; i < _stack.Count; i += 2)
            _objects.Set(dict, Unmarked(_stack[i]), Unmarked(_stack[i + 1]));
        _stack.RemoveRange(target + 1, _stack.Count - target - 1);
    }

    private void AppendLast(int count, bool marked = false)
    {
        int first = _stack.Count - count, target = first - (marked ? 2 : 1);
        if (target < 0 || _stack[target] is not PickleList list)
            throw Bad("appends to something that is no list");
        for (int i = first; i < _stack.Count; i++)
        {
            Charge(PickleObjects.ListSlot);
            list.Items.Add(Unmarked(_stack[i]));
            _objects.Nest(list, _stack[i]);
        }

        _stack.RemoveRange(target + 1, _stack.Count - target - 1);
    }

    private int MarkIndex()
    {
        for (int i = _stack.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_stack[i], s_mark))
                return i;
        }

        throw Bad("closes a group that was never opened");
    }

    private void Push(object? value)
    {
        if (_stack.Count == _rules.MaximumStack)
            throw Bad($"needs a stack of more than {_rules.MaximumStack:N0} values");
        _stack.Add(value);
    }

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek() => _stack.Count > 0 ? Unmarked(_stack[^1]) : throw Bad("takes more from its stack than there is");

    private object? Unmarked(object? value) => ReferenceEquals(value, s_mark) ? throw Bad("takes a value where a group begins") : value;

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _pickle.Length - _at)
            throw Bad("ends in the middle");
        _at += count;
        return _pickle.AsSpan(_at - count, count);
    }

    private void Charge(long bytes)
    {
        _budget -= bytes;
        if (_budget < 0)
            throw Bad("describes far more objects than a file of its size can need");
    }

    private CheckpointException Bad(string fault) =>
        new(_file, $"its pickle {fault} (at byte {_opcodeAt}). The file was refused; only plain dictionaries of tensors are read.");
}
