using System.Text;
using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.PreTokenizers;

/// <summary>Puts a space before every piece that does not begin with one.</summary>
internal sealed class PrefixSpacePreTokenizer : PiecePreTokenizer
{
    public override void Apply(PieceList pieces)
    {
        MappedText text = pieces.Mapped();
        foreach ((int start, int end) in pieces.Pieces)
        {
            int from = text.NextLength;
            if (text.Text[start] != ' ')
                text.Put(' ', start, start);
            text.Keep(start, end);
            pieces.Add(from, text.NextLength);
        }

        text.Commit();
        pieces.Commit();
    }
}

/// <summary>Replaces bytes of the UTF-8 form by their characters. Only needed where something follows that sees them; otherwise the model does it.</summary>
internal sealed class ByteAlphabetPreTokenizer : PiecePreTokenizer
{
    public override void Apply(PieceList pieces)
    {
        MappedText text = pieces.Mapped();
        Span<byte> utf8 = stackalloc byte[4];
        foreach ((int start, int end) in pieces.Pieces)
        {
            int from = text.NextLength;
            for (int i = start; i < end;)
            {
                int bytes = new Rune(Utf16.CodePointAt(text.Text[..end], i, out int length)).EncodeToUtf8(utf8);
                for (int k = 0; k < bytes; k++)
                    text.Put(ByteAlphabet.ToChar[utf8[k]], i, i + length - 1);
                i += length;
            }

            pieces.Add(from, text.NextLength);
        }

        text.Commit();
        pieces.Commit();
    }
}

internal enum PrependScheme
{
    First,
    Never,
    Always,
}

/// <summary>Replaces spaces by a visible character, may put one in front, and cuts before each.</summary>
internal sealed class MetaspacePreTokenizer(int replacement, PrependScheme scheme, bool split) : PiecePreTokenizer
{
    public override bool NeedsOrigin => scheme == PrependScheme.First;

    public override void Apply(PieceList pieces)
    {
        MappedText text = pieces.Mapped();
        foreach ((int start, int end) in pieces.Pieces)
        {
            int from = text.NextLength;
            int first = Utf16.CodePointAt(text.Text[..end], start, out _);
            bool prefixed = first is not ' ' && first != replacement && scheme switch
            {
                PrependScheme.Always => true,
                PrependScheme.First => pieces.Origin(start, end).Start == 0,
                _ => false,
            };
            if (prefixed)
                text.Put(replacement, start, start);
            for (int i = start; i < end;)
            {
                int point = Utf16.CodePointAt(text.Text[..end], i, out int length);
                bool cut = point == ' ' || point == replacement;
                if (cut && split)
                {
                    pieces.Add(from, text.NextLength);
                    from = text.NextLength;
                }

                if (cut)
                    text.Put(replacement, i, i + length - 1);
                else
                    text.Keep(i, i + length);
                i += length;
            }

            pieces.Add(from, text.NextLength);
        }

        text.Commit();
        pieces.Commit();
    }
}
