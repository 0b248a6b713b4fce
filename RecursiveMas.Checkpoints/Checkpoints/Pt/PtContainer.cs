using System.Buffers.Binary;
using System.Text;

namespace RecursiveMas.Checkpoints.Pt;

/// <summary>Where the bytes of an entry lie.</summary>
internal readonly record struct PtRecord(string Name, long Offset, long Length, uint Crc);

/// <summary>
/// The zip container of torch.save: uncompressed records below one root folder. Records must fill the file without a gap, and each
/// local header must say what the central directory says.
/// </summary>
internal sealed class PtContainer
{
    private const int HeaderLength = 30;
    private const uint HeaderMark = 0x04034b50, DescriptorMark = 0x08074b50;
    private const ushort Descriptor = 1 << 3;

    private readonly Stream _stream;
    private readonly Dictionary<string, PtRecord> _records = new(StringComparer.Ordinal);

    private PtContainer(Stream stream, string file) => (_stream, File) = (stream, file);

    /// <summary>Name for messages.</summary>
    public string File { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long FileLength => _stream.Length;

    /// <summary>Opens the container in a seekable stream that stays open as long as the container is used.</summary>
    /// <exception cref="CheckpointException">The file is no such container, damaged or hostile.</exception>
    public static PtContainer Open(Stream stream, string file)
    {
        CheckStart(stream, file);
        var container = new PtContainer(stream, file);
        container.ReadRecords(ZipDirectory.Read(stream, file));
        container.CheckByteOrder();
        return container;
    }

    /// <summary>Finds a record below the root folder.</summary>
    public bool TryGet(string name, out PtRecord record) => _records.TryGetValue(name, out record);

    /// <summary>Reads a record and checks its sum.</summary>
    /// <exception cref="CheckpointException">The record is missing, larger than allowed, or damaged.</exception>
    public byte[] ReadAll(string name, int maximumBytes)
    {
        if (!TryGet(name, out PtRecord record))
            throw Bad($"has no record '{name}'");
        if (record.Length > maximumBytes)
            throw new CheckpointException(File, $"has a record '{name}' of {record.Length:N0} bytes, more than the {maximumBytes:N0} that are read.");
        byte[] bytes = new byte[record.Length];
        CheckSum(record, ReadPart(record, 0, bytes, 0));
        return bytes;
    }

    /// <summary>Fills a buffer from a place inside of a record; returns the check sum of the record up to there, given the one before.</summary>
    public uint ReadPart(in PtRecord record, long at, Span<byte> buffer, uint sum)
    {
        _stream.Position = record.Offset + at;
        _stream.ReadExactly(buffer);
        return Crc32.Compute(buffer, sum);
    }

    /// <summary>Compares the sum of a record that was read to its end with the stored one.</summary>
    /// <exception cref="CheckpointException">The record is damaged.</exception>
    public void CheckSum(in PtRecord record, uint sum)
    {
        if (sum != record.Crc)
            throw Bad($"has a damaged record '{record.Name}': its check sum is wrong");
    }

    private static void CheckStart(Stream stream, string file)
    {
        Span<byte> start = stackalloc byte[4];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (length == 4 && BinaryPrimitives.ReadUInt32LittleEndian(start) == HeaderMark)
            return;
        string kind = length == 0 ? "is empty"
            : start[0] == 0x80 ? "is in the form that torch.save wrote before version 1.6, or a bare pickle; " +
                "neither is read, as reading it means running it. Load it with a trusted Python and save it again with torch.save"
            : start[0] == '<' ? "is a web page, not a checkpoint. The download went wrong; repeat it"
            : "does not begin as a file of torch.save does. Download it again";
        throw new CheckpointException(file, kind + ".");
    }

    private void ReadRecords(ZipDirectory directory)
    {
        ZipDirectoryEntry[] entries = [.. directory.Entries];
        Array.Sort(entries, static (a, b) => a.HeaderOffset.CompareTo(b.HeaderOffset));
        int slash = entries[0].Name.IndexOf('/', StringComparison.Ordinal);
        string root = slash < 0 ? throw Bad($"has the entry '{entries[0].Name}' outside of a root folder") : entries[0].Name[..(slash + 1)];
        long end = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            ZipDirectoryEntry entry = entries[i];
            if (!entry.Name.StartsWith(root, StringComparison.Ordinal))
                throw Bad($"has the entry '{entry.Name}' beside its root folder '{root}'");
            if (entry.HeaderOffset != end)
                throw Bad($"has a gap or an overlap before the entry '{entry.Name}'");
            end = i + 1 < entries.Length ? entries[i + 1].HeaderOffset : directory.Start;
            string name = entry.Name[root.Length..];
            _records.Add(name, new PtRecord(name, CheckHeader(entry, end), entry.Length, entry.Crc));
        }
    }

    /// <summary>Compares an entry's own header, and the descriptor behind its data, with the directory; returns where the data begin.</summary>
    private long CheckHeader(in ZipDirectoryEntry entry, long end)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (end - entry.HeaderOffset < HeaderLength)
            throw Bad($"has no room for the header of '{entry.Name}'");
        _stream.Position = entry.HeaderOffset;
        _stream.ReadExactly(header);
        int nameLength = U16(header[26..]);
        long offset = entry.HeaderOffset + HeaderLength + nameLength + U16(header[28..]);
        long behind = end - offset - entry.Length;
        bool hasDescriptor = (entry.Flags & Descriptor) != 0;
        if (U32(header) != HeaderMark || U16(header[6..]) != entry.Flags || U16(header[8..]) != 0 || behind < 0 || nameLength > 4 * entry.Name.Length)
            throw Bad($"has a header of '{entry.Name}' that contradicts the directory");
        Span<byte> name = stackalloc byte[nameLength];
        _stream.ReadExactly(name);
        if (!name.SequenceEqual(Encoding.UTF8.GetBytes(entry.Name)))
            throw Bad($"has another name in the header of '{entry.Name}' than in the directory");

        // With a descriptor the header's own fields are zero or final, at the writer's choice.
        bool agrees = (hasDescriptor && U32(header[14..]) == 0 && U32(header[18..]) == 0 && U32(header[22..]) == 0)
            || (U32(header[14..]) == entry.Crc && Same(U32(header[18..]), entry.Length) && Same(U32(header[22..]), entry.Length));
        if (!agrees || (hasDescriptor ? !DescriptorAgrees(entry, offset + entry.Length, behind) : behind != 0))
            throw Bad($"has sizes or a check sum at '{entry.Name}' that contradict the directory");
        return offset;
    }

    // With or without its mark, with sizes of 4 or 8 bytes: their length tells which.
    private bool DescriptorAgrees(in ZipDirectoryEntry entry, long offset, long length)
    {
        if (length is not (12 or 16 or 20 or 24))
            return false;
        Span<byte> descriptor = stackalloc byte[(int)length];
        _stream.Position = offset;
        _stream.ReadExactly(descriptor);
        if (length is 16 or 24)
        {
            if (U32(descriptor) != DescriptorMark)
                return false;
            descriptor = descriptor[4..];
        }

        return U32(descriptor) == entry.Crc && (descriptor.Length == 12
            ? U32(descriptor[4..]) == entry.Length && U32(descriptor[8..]) == entry.Length
            : I64(descriptor[4..]) == entry.Length && I64(descriptor[12..]) == entry.Length);
    }

    private void CheckByteOrder()
    {
        const int Most = 16;
        if (TryGet("byteorder", out _) && !ReadAll("byteorder", Most).AsSpan().SequenceEqual("little"u8))
            throw new UnsupportedCheckpointException(File, "was written on a machine of another byte order than 'little', the only one that is read.");
    }

    private CheckpointException Bad(string fault) => new(File, $"{fault}. It was refused; download it again, or write it again with a current torch.save.");

    private static bool Same(uint narrow, long value) => narrow == value || (narrow == uint.MaxValue && value >= uint.MaxValue);

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long I64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);
}
