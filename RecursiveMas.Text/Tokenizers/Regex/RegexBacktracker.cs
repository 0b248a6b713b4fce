using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Regex;

/// <summary>
/// A backtracking engine for every supported expression. It remembers which (place, position) pairs have failed, so that no text
/// costs more than length times size of the expression.
/// </summary>
internal sealed class RegexBacktracker
{
    private readonly RegexInstruction[] _code;
    private readonly CodePointSet[] _sets;
    private readonly RegexLook[] _looks;
    private readonly int[] _atomics;

    public RegexBacktracker(RegexProgram program)
    {
        _code = [.. program.Code];
        _sets = [.. program.Sets];
        _looks = [.. program.Looks];
        _atomics = [.. program.Atomics];
    }

    /// <summary>What is known about one text; not for concurrent use.</summary>
    public sealed class Memory
    {
        public HashSet<long> Failed { get; } = [];

        public long Steps { get; set; }
    }

    /// <summary>End of the match that begins at <paramref name="start"/>, or -1.</summary>
    /// <exception cref="TokenizationException">The expression needs more steps on this text than any sensible one.</exception>
    public int Match(ReadOnlySpan<char> text, int start, Memory memory) => Run(0, text, start, memory);

    private int Run(int at, ReadOnlySpan<char> text, int position, Memory memory)
    {
        // Choices still open, each with the length that the trail had; the trail holds what the current path has visited.
        var choices = new Stack<(int At, int Position, int Trail)>();
        var trail = new List<long>();
        long budget = 16L * (_code.Length + 16) * (text.Length + 64L);
        while (true)
        {
            bool failed = false;
            RegexInstruction instruction = _code[at];
            switch (instruction.Op)
            {
                case RegexOp.Set:
                    if (position < text.Length && _sets[instruction.A].Contains(Utf16.CodePointAt(text, position, out int length)))
                    {
                        position += length;
                        at++;
                    }
                    else
                    {
                        failed = true;
                    }

                    break;
                case RegexOp.Jump:
                    at = instruction.A;
                    break;
                case RegexOp.Split:
                    long visit = ((long)at << 32) | (uint)position;
                    if (!memory.Failed.Add(visit))
                    {
                        failed = true;
                        break;
                    }

                    trail.Add(visit);
                    choices.Push((instruction.B, position, trail.Count));
                    at = instruction.A;
                    break;
                case RegexOp.Anchor:
                    failed = !Holds((AnchorKind)instruction.A, text, position);
                    at++;
                    break;
                case RegexOp.Look:
                    failed = !Look(_looks[instruction.A], text, position, memory);
                    at++;
                    break;
                case RegexOp.Atomic:
                    position = Run(_atomics[instruction.A], text, position, memory);
                    failed = position < 0;
                    at++;
                    break;
                case RegexOp.Match:
                    // Only what is not on the way to this match has failed for good.
                    foreach (long visited in trail)
                        memory.Failed.Remove(visited);
                    return position;
            }

            if (++memory.Steps > budget)
                throw new TokenizationException(
                    "A regular expression of the tokenizer needs too many steps on this text. Split the text, or repair the tokenizer.");
            if (!failed)
                continue;
            if (!choices.TryPop(out (int At, int Position, int Trail) choice))
                return -1;
            (at, position) = (choice.At, choice.Position);
            trail.RemoveRange(choice.Trail, trail.Count - choice.Trail);
        }
    }

    private bool Look(RegexLook look, ReadOnlySpan<char> text, int position, Memory memory)
    {
        int start = position;
        for (int i = 0; i < look.BehindLength; i++)
        {
            if (start == 0)
                return look.Negative;
            Utf16.CodePointBefore(text, start, out int length);
            start -= length;
        }

        // An alternative that succeeds in looking behind has the fixed length, so it ends at the position.
        return Run(look.Start, text, start, memory) >= 0 != look.Negative;
    }

    private static bool Holds(AnchorKind kind, ReadOnlySpan<char> text, int position) => kind switch
    {
        AnchorKind.TextStart => position == 0,
        AnchorKind.TextEnd => position == text.Length,
        AnchorKind.LineStart => position == 0 || (text[position - 1] == '\n' && position < text.Length),
        AnchorKind.LineEnd => position == text.Length || text[position] == '\n',
        AnchorKind.WordBoundary => WordBefore(text, position) != WordAfter(text, position),
        _ => WordBefore(text, position) == WordAfter(text, position),
    };

    private static readonly Lazy<CodePointMap> s_word = new(() => CodePointMap.Of(UnicodeTables.RegexWord()));

    private static bool WordBefore(ReadOnlySpan<char> text, int position) =>
        position > 0 && s_word.Value[Utf16.CodePointBefore(text, position, out _)] != 0;

    private static bool WordAfter(ReadOnlySpan<char> text, int position) =>
        position < text.Length && s_word.Value[Utf16.CodePointAt(text, position, out _)] != 0;
}
