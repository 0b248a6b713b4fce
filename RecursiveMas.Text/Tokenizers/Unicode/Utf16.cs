using System.Runtime.CompilerServices;

namespace RecursiveMas.Tokenizers.Unicode;

/// <summary>Code points of UTF-16 text. A lone surrogate counts as U+FFFD, as it would after conversion to UTF-8.</summary>
internal static class Utf16
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CodePointAt(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        length = 1;
        return c is < '\uD800' or > '\uDFFF' ? c : Surrogate(text, index, ref length);
    }

    /// <summary>The code point that ends before <paramref name="index"/>.</summary>
    public static int CodePointBefore(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        char c = text[index - 1];
        if (c is < '\uD800' or > '\uDFFF')
            return c;
        if (char.IsLowSurrogate(c) && index >= 2 && char.IsHighSurrogate(text[index - 2]))
        {
            length = 2;
            return char.ConvertToUtf32(text[index - 2], c);
        }

        return 0xFFFD;
    }

    public static int Write(int codePoint, Span<char> destination)
    {
        if (codePoint < 0x10000)
        {
            destination[0] = (char)codePoint;
            return 1;
        }

        destination[0] = (char)(0xD7C0 + (codePoint >> 10));
        destination[1] = (char)(0xDC00 | (codePoint & 0x3FF));
        return 2;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Surrogate(ReadOnlySpan<char> text, int index, ref int length)
    {
        if (char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return char.ConvertToUtf32(text[index], text[index + 1]);
        }

        return 0xFFFD;
    }
}
