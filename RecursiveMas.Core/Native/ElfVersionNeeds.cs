using System.Buffers.Binary;
using System.Text;

namespace RecursiveMas.Native;

/// <summary>Reads and edits the symbol-version requirements (<c>.gnu.version_r</c>) of a 64-bit little-endian ELF image.</summary>
internal sealed class ElfVersionNeeds
{
    private const uint SectionVersionNeed = 0x6ffffffe;
    private const ushort FlagWeak = 2;

    private readonly byte[] _image;
    private readonly List<(string Version, int FlagsAt)> _needs = [];

    private ElfVersionNeeds(byte[] image) => _image = image;

    /// <summary>Version names that the image requires from other libraries.</summary>
    public IEnumerable<string> Versions => _needs.Select(need => need.Version);

    /// <summary>Parses the image; null if it is no such ELF file or is cut short.</summary>
    public static ElfVersionNeeds? TryParse(byte[] image)
    {
        ReadOnlySpan<byte> magic = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (image.Length < 64 || !image.AsSpan(0, magic.Length).SequenceEqual(magic))
            return null;
        try
        {
            var parsed = new ElfVersionNeeds(image);
            parsed.ReadSections();
            return parsed;
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Marks the requirement as weak, so that the dynamic loader accepts a library without it. Returns whether it was there.</summary>
    public bool Weaken(string version)
    {
        bool found = false;
        foreach ((string name, int flagsAt) in _needs)
        {
            if (name != version)
                continue;
            BinaryPrimitives.WriteUInt16LittleEndian(_image.AsSpan(flagsAt), (ushort)(U16(flagsAt) | FlagWeak));
            found = true;
        }

        return found;
    }

    private void ReadSections()
    {
        long table = checked((long)U64(40));
        int entrySize = U16(58), count = U16(60);
        for (int i = 0; i < count; i++)
        {
            long header = table + (long)i * entrySize;
            if (U32(header + 4) != SectionVersionNeed)
                continue;
            long strings = SectionOffset(table + U32(header + 40) * (long)entrySize);
            ReadNeeds(SectionOffset(header), strings);
        }
    }

    private void ReadNeeds(long need, long strings)
    {
        while (true)
        {
            long entry = need + U32(need + 8);
            while (true)
            {
                _needs.Add((Text(strings + U32(entry + 8)), checked((int)entry + 4)));
                if (_needs.Count > 10_000)
                    throw new OverflowException();
                uint nextEntry = U32(entry + 12);
                if (nextEntry == 0)
                    break;
                entry += nextEntry;
            }

            uint nextNeed = U32(need + 12);
            if (nextNeed == 0)
                return;
            need += nextNeed;
        }
    }

    private long SectionOffset(long header) => checked((long)U64(header + 24));

    private string Text(long at)
    {
        ReadOnlySpan<byte> rest = _image.AsSpan(checked((int)at));
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private ushort U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(_image.AsSpan(checked((int)at)));

    private uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan(checked((int)at)));

    private ulong U64(long at) => BinaryPrimitives.ReadUInt64LittleEndian(_image.AsSpan(checked((int)at)));
}
