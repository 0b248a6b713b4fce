using System.Buffers.Binary;

namespace RecursiveMas.Checkpoints.Pt;

/// <summary>The check sum of zip files (CRC-32 of IEEE 802.3), eight bytes at a time.</summary>
internal static class Crc32
{
    private const int Lanes = 8;
    private static readonly uint[][] s_tables = MakeTables();

    /// <summary>The sum of the bytes, or of all bytes so far if <paramref name="sum"/> is the sum of those before.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint sum = 0) => ~Update(~sum, bytes);

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] t0 = s_tables[0], t1 = s_tables[1], t2 = s_tables[2], t3 = s_tables[3], t4 = s_tables[4], t5 = s_tables[5], t6 = s_tables[6], t7 = s_tables[7];
        for (; bytes.Length >= Lanes; bytes = bytes[Lanes..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc, high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t7[(byte)low] ^ t6[(byte)(low >> 8)] ^ t5[(byte)(low >> 16)] ^ t4[low >> 24]
                ^ t3[(byte)high] ^ t2[(byte)(high >> 8)] ^ t1[(byte)(high >> 16)] ^ t0[high >> 24];
        }

        foreach (byte value in bytes)
            crc = t0[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    private static uint[][] MakeTables()
    {
        const uint Polynomial = 0xEDB88320;
        uint[][] tables = new uint[Lanes][];
        for (int lane = 0; lane < Lanes; lane++)
        {
            tables[lane] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                uint value = lane == 0 ? i : tables[lane - 1][i];
                for (int bit = 0; bit < 8; bit++)
                    value = (value >> 1) ^ ((value & 1) * Polynomial);
                tables[lane][i] = value;
            }
        }

        return tables;
    }
}
