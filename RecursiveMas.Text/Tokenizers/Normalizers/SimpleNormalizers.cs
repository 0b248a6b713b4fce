using System.Text;
using RecursiveMas.Tokenizers.Mapping;
using RecursiveMas.Tokenizers.Regex;
using RecursiveMas.Tokenizers.Unicode;

namespace RecursiveMas.Tokenizers.Normalizers;

internal sealed class LowercaseNormalizer : TextNormalizer
{
    public override bool LeavesAlone(ReadOnlySpan<char> text) => false;

    public override void Apply(MappedText text)
    {
        ReadOnlySpan<char> units = text.Text;
        for (int i = 0; i < units.Length;)
        {
            int point = Utf16.CodePointAt(units, i, out int length);
            if (UnicodeTables.LowerCase.TryGetValue(point, out int[]? lower))
            {
                foreach (int c in lower)
                    text.Put(c, i, i + length - 1);
            }
            else
            {
                text.Keep(i, i + length);
            }

            i += length;
        }

        text.Commit();
    }
}

internal sealed class StripAccentsNormalizer : TextNormalizer
{
    public override bool LeavesAlone(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('\0', '\x7F') < 0;

    public override void Apply(MappedText text)
    {
        ReadOnlySpan<char> units = text.Text;
        for (int i = 0; i < units.Length;)
        {
            int point = Utf16.CodePointAt(units, i, out int length);
            if (UnicodeTables.Accents[point] == 0)
                text.Keep(i, i + length);
            i += length;
        }

        text.Commit();
    }
}

internal sealed class StripNormalizer(bool left, bool right) : TextNormalizer
{
    public override bool LeavesAlone(ReadOnlySpan<char> text) => Bounds(text) == (0, text.Length);

    public override void Apply(MappedText text)
    {
        (int start, int end) = Bounds(text.Text);
        text.Keep(start, end);
        text.Commit();
    }

    private (int Start, int End) Bounds(ReadOnlySpan<char> text)
    {
        // All white space lies in the basic plane.
        int start = 0;
        int end = text.Length;
        while (left && start < end && UnicodeTables.Spaces[text[start]] != 0)
            start++;
        while (right && end > start && UnicodeTables.Spaces[text[end - 1]] != 0)
            end--;
        return (start, end);
    }
}

internal sealed class PrependNormalizer(string prefix) : TextNormalizer
{
    public override bool LeavesAlone(ReadOnlySpan<char> text) => text.IsEmpty || prefix.Length == 0;

    public override void Apply(MappedText text)
    {
        if (LeavesAlone(text.Text))
            return;
        text.Put(prefix, 0);
        text.Keep(0, text.Length);
        text.Commit();
    }
}

internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : TextNormalizer
{
    public override bool LeavesAlone(ReadOnlySpan<char> text) =>
        pattern.Literal is { Length: > 0 } literal && text.IndexOf(literal, StringComparison.Ordinal) < 0;

    public override void Apply(MappedText text)
    {
        if (text.Length == 0)
            return;
        int kept = 0;
        foreach ((int start, int end) in pattern.Matches(text.Text))
        {
            text.Keep(kept, start);
            text.Put(content, Math.Max(end - 1, 0));
            kept = end;
        }

        text.Keep(kept, text.Length);
        text.Commit();
    }
}

/// <summary>Replaces every byte of the UTF-8 form by the character that stands for it.</summary>
internal sealed class ByteLevelNormalizer : TextNormalizer
{
    public override bool LeavesAlone(ReadOnlySpan<char> text) => text.IsEmpty;

    public override void Apply(MappedText text)
    {
        ReadOnlySpan<char> units = text.Text;
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < units.Length;)
        {
            int point = Utf16.CodePointAt(units, i, out int length);
            int bytes = new Rune(point).EncodeToUtf8(utf8);
            for (int k = 0; k < bytes; k++)
                text.Put(ByteAlphabet.ToChar[utf8[k]], i, i + length - 1);
            i += length;
        }

        text.Commit();
    }
}
