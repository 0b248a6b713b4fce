using System.Runtime.InteropServices;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Regex;

/// <summary>
/// A regular expression as a table: one look-up for each code point, whatever the pattern. It keeps the order of alternatives
/// (a state is the ordered list of the places where a backtracking engine could be) and knows look-ahead at one code point,
/// which it decides one step late. Everything else is left to <see cref="RegexBacktracker"/>.
/// </summary>
internal sealed class RegexDfa
{
    private const int MaximumStates = 2048;
    private const int Dead = 0;

    private readonly CodePointMap _classes;
    private readonly int _stride;

    // Target state times stride, times two, plus one if a match ends before this code point.
    private readonly int[] _transitions;

    private RegexDfa(CodePointMap classes, int stride, int[] transitions)
    {
        _classes = classes;
        _stride = stride;
        _transitions = transitions;
    }

    /// <summary>Null if the expression needs a backtracking engine or too large a table.</summary>
    public static RegexDfa? TryBuild(RegexProgram program) => new Builder(program).Build();

    /// <summary>End of the match that begins at <paramref name="start"/>, or -1.</summary>
    public int Match(ReadOnlySpan<char> text, int start, ref long steps)
    {
        int[] transitions = _transitions;
        int state = _stride;
        int last = -1;
        int position = start;
        while (position < text.Length)
        {
            int transition = transitions[state + _classes[Utf16.CodePointAt(text, position, out int length)]];
            if ((transition & 1) != 0)
                last = position;
            state = transition >> 1;
            if (state == Dead)
            {
                steps += position - start + 1;
                return last;
            }

            position += length;
        }

        steps += position - start + 1;
        return (transitions[state + _stride - 1] & 1) != 0 ? position : last;
    }

    private sealed class Builder(RegexProgram program)
    {
        private readonly List<CodePointSet> _sets = [];
        private readonly Dictionary<int, int> _setOfInstruction = [];
        private readonly List<int[]> _states = [];
        private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
        private readonly List<int> _transitions = [];

        // Bit s: the class lies in set s.
        private List<ulong> _signatures = [];

        public RegexDfa? Build()
        {
            if (!CollectSets())
                return null;
            CodePointMap? classes = Classify();
            if (classes is null)
                return null;

            int stride = _signatures.Count + 1;
            Intern([]);
            Intern(Closure([0]));
            for (int state = 0; state < _states.Count; state++)
            {
                for (int symbol = 0; symbol < stride; symbol++)
                {
                    (int[] next, bool matched) = Step(_states[state], symbol);
                    int target = Intern(next);
                    if (target >= MaximumStates)
                        return null;
                    _transitions.Add((target * stride * 2) | (matched ? 1 : 0));
                }
            }

            return new RegexDfa(classes, stride, [.. _transitions]);
        }

        private bool CollectSets()
        {
            if (program.Atomics.Count > 0)
                return false;
            for (int at = 0; at < program.Code.Count; at++)
            {
                RegexInstruction instruction = program.Code[at];
                CodePointSet? set = instruction.Op switch
                {
                    RegexOp.Set => program.Sets[instruction.A],
                    RegexOp.Anchor when (AnchorKind)instruction.A == AnchorKind.LineEnd => CodePointSet.Of('\n'),
                    RegexOp.Anchor when (AnchorKind)instruction.A == AnchorKind.TextEnd => CodePointSet.Empty,
                    RegexOp.Anchor => null,
                    RegexOp.Look => LookedAt(program.Looks[instruction.A]),
                    _ => CodePointSet.Empty,
                };
                if (set is null)
                    return false;
                int index = _sets.FindIndex(known => known.SameAs(set));
                if (index < 0)
                {
                    index = _sets.Count;
                    _sets.Add(set);
                }

                _setOfInstruction.Add(at, index);
            }

            return _sets.Count <= 64;
        }

        private CodePointSet? LookedAt(RegexLook look)
        {
            RegexInstruction first = program.Code[look.Start];
            return look.BehindLength == 0 && first.Op == RegexOp.Set && program.Code[look.Start + 1].Op == RegexOp.Match
                ? program.Sets[first.A]
                : null;
        }

        private CodePointMap? Classify()
        {
            // Where any set begins or ends, all code points up to the next such place belong to the same sets.
            var changes = new List<(int At, ulong Sets)>();
            for (int s = 0; s < _sets.Count; s++)
            {
                for (int r = 0; r < _sets[s].RangeCount; r++)
                {
                    (int start, int end) = _sets[s].Range(r);
                    changes.Add((start, 1UL << s));
                    changes.Add((end + 1, 1UL << s));
                }
            }

            changes.Sort((a, b) => a.At - b.At);

            var indices = new Dictionary<ulong, byte> { [0] = 0 };
            _signatures = [0];
            var ranges = new List<(int, int, byte)>();
            ulong signature = 0;
            int from = 0;
            byte index = 0;
            for (int i = 0; i < changes.Count; i++)
            {
                (int at, ulong change) = changes[i];
                if (at > from)
                    ranges.Add((from, at - 1, index));
                signature ^= change;
                from = at;
                if (i + 1 < changes.Count && changes[i + 1].At == at)
                    continue;
                if (indices.TryGetValue(signature, out index))
                    continue;
                if (indices.Count > 250)
                    return null;
                index = (byte)indices.Count;
                indices.Add(signature, index);
                _signatures.Add(signature);
            }

            if (from <= CodePointSet.Last)
                ranges.Add((from, CodePointSet.Last, index));
            return CodePointMap.FromRanges(ranges);
        }

        private int Intern(int[] state)
        {
            string key = new(MemoryMarshal.Cast<int, char>(state));
            if (_known.TryGetValue(key, out int index))
                return index;
            index = _states.Count;
            _known.Add(key, index);
            _states.Add(state);
            return index;
        }

        // The last symbol is the end of the text.
        private bool In(int instruction, int symbol) =>
            symbol < _signatures.Count && (_signatures[symbol] >> _setOfInstruction[instruction] & 1) != 0;

        private bool Holds(int at, int symbol)
        {
            RegexInstruction instruction = program.Code[at];
            return instruction.Op == RegexOp.Anchor
                ? symbol == _signatures.Count || In(at, symbol)
                : In(at, symbol) != program.Looks[instruction.A].Negative;
        }

        /// <summary>The places that can be reached without reading, in order of preference; what comes after a sure match is never tried.</summary>
        private int[] Closure(IEnumerable<int> starts)
        {
            var places = new List<int>();
            var seen = new HashSet<int>();
            foreach (int start in starts)
            {
                if (Follow(start, places, seen, symbol: null))
                    break;
            }

            return [.. places];
        }

        private (int[] Next, bool Matched) Step(int[] state, int symbol)
        {
            // Look-ahead is decided now that the next code point is known.
            var places = new List<int>();
            var seen = new HashSet<int>();
            bool matched = false;
            foreach (int place in state)
            {
                matched = Follow(place, places, seen, symbol);
                if (matched)
                    break;
            }

            return (Closure(places.Where(at => program.Code[at].Op == RegexOp.Set && In(at, symbol)).Select(at => at + 1)), matched);
        }

        /// <returns>Whether the match instruction was reached, which ends the list.</returns>
        private bool Follow(int start, List<int> places, HashSet<int> seen, int? symbol)
        {
            var pending = new Stack<int>();
            pending.Push(start);
            while (pending.TryPop(out int at))
            {
                if (!seen.Add(at))
                    continue;
                RegexInstruction instruction = program.Code[at];
                switch (instruction.Op)
                {
                    case RegexOp.Jump:
                        pending.Push(instruction.A);
                        break;
                    case RegexOp.Split:
                        pending.Push(instruction.B);
                        pending.Push(instruction.A);
                        break;
                    case RegexOp.Set:
                        places.Add(at);
                        break;
                    case RegexOp.Match:
                        places.Add(at);
                        return true;
                    default:
                        if (symbol is null)
                            places.Add(at);
                        else if (Holds(at, symbol.Value))
                            pending.Push(at + 1);
                        break;
                }
            }

            return false;
        }
    }
}
