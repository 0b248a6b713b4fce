using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace RecursiveMas.DataSets.Rows;

/// <summary>Text that is pickled by Python, compressed by zlib and written in base 64. A pickle is a program: only one that makes a text is read.</summary>
internal static class PickledText
{
    private const int Largest = 512 << 20;
    private const byte Proto = 0x80, Frame = 0x95, Memoize = 0x94, Put = (byte)'q', LongPut = (byte)'r', Stop = (byte)'.';
    private const byte ShortText = 0x8c, Text = (byte)'X', LongText = 0x8d, ShortBytes = (byte)'C', Bytes = (byte)'B', LongBytes = 0x8e;

    /// <exception cref="DataSetException">It is something else, or too large.</exception>
    public static string Decode(string packed, string where)
    {
        try
        {
            using var zip = new ZLibStream(new MemoryStream(Convert.FromBase64String(packed)), CompressionMode.Decompress);
            using var pickle = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            for (int count; (count = zip.Read(buffer)) > 0;)
            {
                if (pickle.Length + count > Largest)
                    throw new DataSetException(where, "its packed tests have more than 512 MiB.");
                pickle.Write(buffer, 0, count);
            }

            return Read(pickle.GetBuffer().AsSpan(0, (int)pickle.Length))
                ?? throw new DataSetException(where, "its packed tests are a pickle of something else than a text; that is not run.");
        }
        catch (Exception error) when (error is FormatException or InvalidDataException)
        {
            throw new DataSetException(where, $"its packed tests cannot be unpacked: {error.Message}", error);
        }
    }

    /// <summary>The text that a pickle makes; null if it does anything else.</summary>
    public static string? Read(ReadOnlySpan<byte> pickle)
    {
        string? text = null;
        for (int at = 0; at < pickle.Length;)
        {
            byte code = pickle[at++];
            int skipped = code switch { Proto or Put => 1, Frame => 8, LongPut => 4, Memoize => 0, _ => -1 };
            int width = code switch { ShortText or ShortBytes => 1, Text or Bytes => 4, LongText or LongBytes => 8, _ => 0 };
            if (code == Stop)
                return at == pickle.Length ? text : null;
            if (skipped >= 0)
            {
                at += skipped;
                continue;
            }

            if (width == 0 || text is not null || pickle.Length - at < width)
                return null;
            ulong length = width switch
            {
                1 => pickle[at],
                4 => BinaryPrimitives.ReadUInt32LittleEndian(pickle[at..]),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(pickle[at..]),
            };
            at += width;
            if (length > (ulong)(pickle.Length - at))
                return null;
            text = Encoding.UTF8.GetString(pickle.Slice(at, (int)length));
            at += (int)length;
        }

        return null;
    }
}
