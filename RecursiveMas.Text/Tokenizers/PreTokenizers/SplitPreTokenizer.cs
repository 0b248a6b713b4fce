using System.Runtime.InteropServices;
using RecursiveMas.Tokenizers.Regex;

namespace RecursiveMas.Tokenizers.PreTokenizers;

/// <summary>Cuts at the matches of a pattern.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert) : PiecePreTokenizer
{
    /// <summary>The regular expression of the byte-level family.</summary>
    public const string ByteLevelPattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public override void Apply(PieceList pieces)
    {
        if (behavior == SplitBehavior.Isolated)
            Isolate(pieces);
        else
            Join(pieces);
    }

    private void Isolate(PieceList pieces)
    {
        ReadOnlySpan<char> text = pieces.Text;
        foreach ((int start, int end) in pieces.Pieces)
        {
            int done = start;
            foreach ((int from, int to) in pattern.Matches(text[start..end]))
            {
                pieces.Add(done, start + from);
                pieces.Add(start + from, start + to);
                done = start + to;
            }

            pieces.Add(done, end);
        }

        pieces.Commit();
    }

    private void Join(PieceList pieces)
    {
        ReadOnlySpan<char> text = pieces.Text;
        List<(int Start, int End, bool Matched)>? parts = null;
        foreach ((int start, int end) in pieces.Pieces)
        {
            TextPattern.Enumerator matches = pattern.Matches(text[start..end]);
            if (!matches.MoveNext())
            {
                if (!(invert && behavior == SplitBehavior.Removed))
                    pieces.Add(start, end);
                continue;
            }

            parts ??= [];
            parts.Clear();
            int done = start;
            do
            {
                (int from, int to) = matches.Current;
                if (start + from > done)
                    parts.Add((done, start + from, invert));
                parts.Add((start + from, start + to, !invert));
                done = start + to;
            }
            while (matches.MoveNext());

            if (done < end)
                parts.Add((done, end, invert));
            Emit(CollectionsMarshal.AsSpan(parts), pieces);
        }

        pieces.Commit();
    }

    private void Emit(ReadOnlySpan<(int Start, int End, bool Matched)> parts, PieceList pieces)
    {
        if (behavior == SplitBehavior.Removed)
        {
            foreach ((int start, int end, bool matched) in parts)
            {
                if (!matched)
                    pieces.Add(start, end);
            }

            return;
        }

        // A part is glued to its neighbour, or begins a new piece.
        int pieceStart = parts.IsEmpty ? 0 : parts[0].Start;
        for (int i = 1; i <= parts.Length; i++)
        {
            bool glued = i < parts.Length && behavior switch
            {
                SplitBehavior.MergedWithPrevious => parts[i].Matched && !parts[i - 1].Matched,
                SplitBehavior.MergedWithNext => parts[i - 1].Matched && !parts[i].Matched,
                _ => parts[i].Matched == parts[i - 1].Matched,
            };
            if (glued)
                continue;
            pieces.Add(pieceStart, parts[i - 1].End);
            pieceStart = i < parts.Length ? parts[i].Start : 0;
        }
    }
}
