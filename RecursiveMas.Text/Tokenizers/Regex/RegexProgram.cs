using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Regex;

internal enum RegexOp : byte
{
    /// <summary>One code point of set A.</summary>
    Set,

    /// <summary>Continue at A; if that fails, at B.</summary>
    Split,

    Jump,

    /// <summary>The anchor A.</summary>
    Anchor,

    /// <summary>Look around with sub-program A.</summary>
    Look,

    /// <summary>Sub-program A without return into it.</summary>
    Atomic,

    Match,
}

internal readonly record struct RegexInstruction(RegexOp Op, int A, int B);

internal readonly record struct RegexLook(int Start, bool Negative, int BehindLength);

/// <summary>A regular expression as instructions. Sub-programs of look-around and atomic groups end with a Match of their own.</summary>
internal sealed class RegexProgram
{
    private const int MaximumInstructions = 8192;

    private readonly List<RegexInstruction> _code = [];
    private readonly string _file;
    private int _work;

    private RegexProgram(string file) => _file = file;

    public IReadOnlyList<RegexInstruction> Code => _code;

    public List<CodePointSet> Sets { get; } = [];

    public List<RegexLook> Looks { get; } = [];

    /// <summary>Starts of atomic sub-programs.</summary>
    public List<int> Atomics { get; } = [];

    public static RegexProgram Compile(RegexNode node, string file)
    {
        var program = new RegexProgram(file);
        program.Emit(node);
        program.Add(RegexOp.Match);
        return program;
    }

    private void Emit(RegexNode node)
    {
        // Nested intervals around nothing would add no instruction and never end.
        if (++_work > 4 * MaximumInstructions)
            throw TooLarge();
        switch (node)
        {
            case RegexNode.Set set:
                Sets.Add(set.Points);
                Add(RegexOp.Set, Sets.Count - 1);
                break;
            case RegexNode.Sequence sequence:
                foreach (RegexNode part in sequence.Parts)
                    Emit(part);
                break;
            case RegexNode.Alternation alternation:
                EmitAlternation(alternation);
                break;
            case RegexNode.Repeat repeat:
                EmitRepeat(repeat);
                break;
            case RegexNode.Anchor anchor:
                Add(RegexOp.Anchor, (int)anchor.Kind);
                break;
            case RegexNode.Look look:
                EmitLook(look);
                break;
            case RegexNode.Atomic atomic:
                int enter = Add(RegexOp.Atomic);
                int over = Add(RegexOp.Jump);
                Atomics.Add(_code.Count);
                Patch(enter, new RegexInstruction(RegexOp.Atomic, Atomics.Count - 1, 0));
                Emit(atomic.Body);
                Add(RegexOp.Match);
                Patch(over, new RegexInstruction(RegexOp.Jump, _code.Count, 0));
                break;
        }
    }

    private void EmitLook(RegexNode.Look look)
    {
        if (look.Behind && look.Body is RegexNode.Alternation alternation)
        {
            // Alternatives of different length: one look each.
            IEnumerable<RegexNode> looks = alternation.Options.Select(option => look with { Body = option });
            Emit(look.Negative ? new RegexNode.Sequence([.. looks]) : new RegexNode.Alternation([.. looks]));
            return;
        }

        int length = look.Behind ? FixedLength(look.Body) : 0;
        int enter = Add(RegexOp.Look);
        int over = Add(RegexOp.Jump);
        Looks.Add(new RegexLook(_code.Count, look.Negative, length));
        Patch(enter, new RegexInstruction(RegexOp.Look, Looks.Count - 1, 0));
        Emit(look.Body);
        Add(RegexOp.Match);
        Patch(over, new RegexInstruction(RegexOp.Jump, _code.Count, 0));
    }

    private void EmitAlternation(RegexNode.Alternation alternation)
    {
        var exits = new List<int>();
        for (int i = 0; i < alternation.Options.Count; i++)
        {
            bool last = i == alternation.Options.Count - 1;
            int split = last ? -1 : Add(RegexOp.Split);
            Emit(alternation.Options[i]);
            if (last)
                break;
            exits.Add(Add(RegexOp.Jump));
            Patch(split, new RegexInstruction(RegexOp.Split, split + 1, _code.Count));
        }

        foreach (int exit in exits)
            Patch(exit, new RegexInstruction(RegexOp.Jump, _code.Count, 0));
    }

    private void EmitRepeat(RegexNode.Repeat repeat)
    {
        for (int i = 0; i < repeat.Minimum; i++)
            Emit(repeat.Body);
        if (repeat.Maximum < 0)
        {
            int loop = Add(RegexOp.Split);
            Emit(repeat.Body);
            Add(RegexOp.Jump, loop);
            PatchSplit(loop, _code.Count, repeat.Greedy);
            return;
        }

        var exits = new List<int>();
        for (int i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            exits.Add(Add(RegexOp.Split));
            Emit(repeat.Body);
        }

        foreach (int exit in exits)
            PatchSplit(exit, _code.Count, repeat.Greedy);
    }

    private void PatchSplit(int at, int exit, bool greedy) =>
        Patch(at, greedy ? new RegexInstruction(RegexOp.Split, at + 1, exit) : new RegexInstruction(RegexOp.Split, exit, at + 1));

    private int FixedLength(RegexNode node) => node switch
    {
        RegexNode.Set => 1,
        RegexNode.Sequence sequence => sequence.Parts.Sum(FixedLength),
        RegexNode.Repeat repeat when repeat.Minimum == repeat.Maximum => repeat.Minimum * FixedLength(repeat.Body),
        RegexNode.Atomic atomic => FixedLength(atomic.Body),
        RegexNode.Look or RegexNode.Anchor => 0,
        RegexNode.Alternation alternation when alternation.Options.Select(FixedLength).Distinct().Count() == 1 => FixedLength(alternation.Options[0]),
        _ => throw new UnsupportedCheckpointException(
            _file,
            "a regular expression looks behind at text of varying length, which is not supported. Only fixed lengths are."),
    };

    private int Add(RegexOp op, int a = 0)
    {
        if (_code.Count >= MaximumInstructions)
            throw TooLarge();
        _code.Add(new RegexInstruction(op, a, 0));
        return _code.Count - 1;
    }

    private CheckpointException TooLarge() => new(_file, $"a regular expression needs more than {MaximumInstructions} steps.");

    private void Patch(int at, RegexInstruction instruction) => _code[at] = instruction;
}
