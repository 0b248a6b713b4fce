namespace RecursiveMas.Tokenizers.Mapping;

/// <summary>The printable characters that stand for the 256 byte values in byte-level vocabularies.</summary>
internal static class ByteAlphabet
{
    private const int LastChar = 0x143;

    public static char[] ToChar { get; } = BuildToChar();

    // Byte value plus one; 0 where a character stands for no byte.
    private static readonly ushort[] s_toByte = BuildToByte();

    /// <summary>The byte that a character stands for, or -1.</summary>
    public static int ToByte(int codePoint) => codePoint <= LastChar ? s_toByte[codePoint] - 1 : -1;

    private static char[] BuildToChar()
    {
        // Printable Latin-1 characters stand for themselves, the others follow from U+0100 on.
        var result = new char[256];
        char next = '\u0100';
        for (int b = 0; b < 256; b++)
            result[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)b : next++;
        return result;
    }

    private static ushort[] BuildToByte()
    {
        var result = new ushort[LastChar + 1];
        for (int b = 0; b < 256; b++)
            result[ToChar[b]] = (ushort)(b + 1);
        return result;
    }
}
