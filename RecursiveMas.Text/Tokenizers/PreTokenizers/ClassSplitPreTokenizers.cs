using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.PreTokenizers;

/// <summary>Cuts at the characters of a class: digits, punctuation, white space.</summary>
internal sealed class ClassSplitPreTokenizer(CodePointMap members, SplitBehavior behavior) : PiecePreTokenizer
{
    public override void Apply(PieceList pieces)
    {
        ReadOnlySpan<char> text = pieces.Text;
        foreach ((int start, int end) in pieces.Pieces)
        {
            int pieceStart = start;
            bool previous = false;
            for (int i = start; i < end;)
            {
                bool matched = members[Utf16.CodePointAt(text[..end], i, out int length)] != 0;
                bool glued = behavior switch
                {
                    SplitBehavior.Isolated or SplitBehavior.Removed => !matched && !previous,
                    SplitBehavior.MergedWithPrevious => !previous,
                    SplitBehavior.MergedWithNext => !matched,
                    _ => matched == previous,
                };
                if (!glued && i > start)
                {
                    Add(pieces, pieceStart, i, previous);
                    pieceStart = i;
                }

                previous = matched;
                i += length;
            }

            Add(pieces, pieceStart, end, previous);
        }

        pieces.Commit();
    }

    private void Add(PieceList pieces, int start, int end, bool matched)
    {
        if (!(matched && behavior == SplitBehavior.Removed))
            pieces.Add(start, end);
    }
}

/// <summary>Words and runs of symbols, without white space.</summary>
internal sealed class WhitespacePreTokenizer : PiecePreTokenizer
{
    public override void Apply(PieceList pieces)
    {
        ReadOnlySpan<char> text = pieces.Text;
        foreach ((int start, int end) in pieces.Pieces)
        {
            int pieceStart = start;
            int kind = 0;
            for (int i = start; i < end;)
            {
                int point = Utf16.CodePointAt(text[..end], i, out int length);
                int next = UnicodeTables.Word[point] != 0 ? 1 : UnicodeTables.Spaces[point] != 0 ? 0 : 2;
                if (next != kind)
                {
                    if (kind != 0)
                        pieces.Add(pieceStart, i);
                    pieceStart = i;
                    kind = next;
                }

                i += length;
            }

            if (kind != 0)
                pieces.Add(pieceStart, end);
        }

        pieces.Commit();
    }
}
