using System.Buffers.Binary;
using System.Text.Unicode;

namespace RecursiveMas.Checkpoints.Pt;

/// <summary>One file of a container as the central directory lists it.</summary>
internal readonly record struct ZipDirectoryEntry(string Name, ushort Flags, uint Crc, long Length, long HeaderOffset);

/// <summary>The central directory of a zip file in which nothing is compressed; what is listed twice or hides something is refused.</summary>
internal sealed class ZipDirectory
{
    /// <summary>Most files that a container may hold.</summary>
    public const int MaximumEntries = 1000;

    private const int EndLength = 22, LocatorLength = 20, WideEndLength = 56, EntryLength = 46;
    private const uint EndMark = 0x06054b50, LocatorMark = 0x07064b50, WideEndMark = 0x06064b50, EntryMark = 0x02014b50;
    private const ushort Descriptor = 1 << 3, Utf8Names = 1 << 11;
    private const int MaximumNameLength = 512;

    private readonly Stream _stream;
    private readonly string _file;

    private ZipDirectory(Stream stream, string file) => (_stream, _file) = (stream, file);

    /// <summary>The entries in the order of the directory.</summary>
    public IReadOnlyList<ZipDirectoryEntry> Entries { get; private set; } = [];

    /// <summary>First byte of the directory, which is the end of the data.</summary>
    public long Start { get; private set; }

    /// <summary>Reads the directory of a seekable stream.</summary>
    /// <exception cref="CheckpointException">The file is no such container.</exception>
    public static ZipDirectory Read(Stream stream, string file)
    {
        var directory = new ZipDirectory(stream, file);
        (long start, long length, long count) = directory.ReadEnd();
        directory.Start = start;
        directory.Entries = directory.ReadEntries(directory.ReadAt(start, (int)length), (int)count);
        return directory;
    }

    private (long Start, long Length, long Count) ReadEnd()
    {
        long fileLength = _stream.Length;
        if (fileLength < EndLength)
            throw Bad("is too short for a file of torch.save");
        ReadOnlySpan<byte> end = ReadAt(fileLength - EndLength, EndLength);
        if (U32(end, 0) != EndMark || U16(end, 20) != 0)
            throw Bad("does not end as a zip container does: it is cut off, or not a file of torch.save");
        if (U16(end, 4) != 0 || U16(end, 6) != 0 || U16(end, 8) != U16(end, 10))
            throw Bad("is a zip container in several parts");
        long count = U16(end, 10), length = U32(end, 12), start = U32(end, 16), directoryEnd = fileLength - EndLength;

        if (directoryEnd >= LocatorLength + WideEndLength
            && ReadAt(directoryEnd - LocatorLength, LocatorLength) is var locator
            && U32(locator, 0) == LocatorMark)
        {
            directoryEnd -= LocatorLength + WideEndLength;
            ReadOnlySpan<byte> wide = ReadAt(directoryEnd, WideEndLength);
            if (U32(locator, 4) != 0
                || U32(locator, 16) != 1
                || I64(locator, 8) != directoryEnd
                || U32(wide, 0) != WideEndMark
                || I64(wide, 4) != WideEndLength - 12
                || U32(wide, 16) != 0 || U32(wide, 20) != 0 || I64(wide, 24) != I64(wide, 32))
                throw Bad("has a damaged zip64 end record");
            count = Widen(count, ushort.MaxValue, I64(wide, 32));
            length = Widen(length, uint.MaxValue, I64(wide, 40));
            start = Widen(start, uint.MaxValue, I64(wide, 48));
        }

        if (count is < 1 or > MaximumEntries)
            throw Bad($"holds {count:N0} entries where 1 to {MaximumEntries:N0} are allowed");
        if (start < 0 || length < 0 || start > directoryEnd || length != directoryEnd - start || length > count * (EntryLength + (3 * ushort.MaxValue)))
            throw Bad("has a central directory that is not where its end record says");
        return (start, length, count);
    }

    // The narrow field holds either the same number or the mark "see the wide one".
    private long Widen(long narrow, long mark, long wide) =>
        narrow == mark || narrow == wide ? wide : throw Bad("has two end records that contradict each other");

    private List<ZipDirectoryEntry> ReadEntries(ReadOnlySpan<byte> bytes, int count)
    {
        var entries = new List<ZipDirectoryEntry>(count);
        var names = new HashSet<string>(count, StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            if (bytes.Length < EntryLength || U32(bytes, 0) != EntryMark)
                throw Bad("has fewer directory entries than its end record says");
            int nameLength = U16(bytes, 28), extraLength = U16(bytes, 30), total = EntryLength + nameLength + extraLength + U16(bytes, 32);
            if (total > bytes.Length)
                throw Bad("has a directory entry that runs beyond the directory");
            string name = ReadName(bytes.Slice(EntryLength, nameLength));
            if (!names.Add(name))
                throw Bad($"holds the entry '{name}' twice");
            entries.Add(ReadEntry(bytes, name, bytes.Slice(EntryLength + nameLength, extraLength)));
            bytes = bytes[total..];
        }

        return bytes.IsEmpty ? entries : throw Bad("has more directory entries than its end record says");
    }

    private ZipDirectoryEntry ReadEntry(ReadOnlySpan<byte> entry, string name, ReadOnlySpan<byte> extra)
    {
        ushort flags = U16(entry, 8);
        if ((flags & ~(Descriptor | Utf8Names)) != 0)
            throw Bad($"marks the entry '{name}' as encrypted or otherwise special (flags 0x{flags:x4})");
        if (U16(entry, 10) != 0)
            throw Bad($"has compressed the entry '{name}', which torch.save never does. Write the file again with torch.save");
        if (U16(entry, 34) != 0)
            throw Bad("is a zip container in several parts");
        long packed = U32(entry, 20), length = U32(entry, 24), offset = U32(entry, 42);
        if (length == uint.MaxValue || packed == uint.MaxValue || offset == uint.MaxValue)
            ReadWideFields(extra, name, ref length, ref packed, ref offset);
        if (packed != length || length < 0 || offset < 0 || offset > Start || length > Start - offset)
            throw Bad($"gives the entry '{name}' {length:N0} bytes at {offset:N0}, which do not lie before the directory");
        return new ZipDirectoryEntry(name, flags, U32(entry, 16), length, offset);
    }

    private void ReadWideFields(ReadOnlySpan<byte> extra, string name, ref long length, ref long packed, ref long offset)
    {
        while (extra.Length >= 4 && U16(extra, 2) <= extra.Length - 4)
        {
            ReadOnlySpan<byte> field = extra.Slice(4, U16(extra, 2));
            if (U16(extra, 0) == 1)
            {
                // Only those fields follow whose narrow form is full, always in this order.
                if (length == uint.MaxValue)
                    length = Take(ref field, name);
                if (packed == uint.MaxValue)
                    packed = Take(ref field, name);
                if (offset == uint.MaxValue)
                    offset = Take(ref field, name);
                return;
            }

            extra = extra[(4 + field.Length)..];
        }

        throw Bad($"gives no size for the entry '{name}'");
    }

    private long Take(ref ReadOnlySpan<byte> field, string name)
    {
        if (field.Length < 8)
            throw Bad($"gives no size for the entry '{name}'");
        long value = I64(field, 0);
        field = field[8..];
        return value;
    }

    private string ReadName(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > MaximumNameLength || !Utf8.IsValid(utf8))
            throw Bad("has an entry whose name is empty, too long or not UTF-8");
        string name = System.Text.Encoding.UTF8.GetString(utf8);
        bool leaves = name.AsSpan().IndexOfAny("\\:\0") >= 0;
        foreach (Range part in name.AsSpan().Split('/'))
            leaves |= name.AsSpan()[part] is "" or "." or "..";
        return leaves ? throw Bad($"has the entry '{name.Replace('\0', '?')}', whose name is no plain relative path") : name;
    }

    private byte[] ReadAt(long offset, int length)
    {
        byte[] bytes = new byte[length];
        _stream.Position = offset;
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private CheckpointException Bad(string fault) => new(_file, $"{fault}. It was refused; download it again, or write it again with a current torch.save.");

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
