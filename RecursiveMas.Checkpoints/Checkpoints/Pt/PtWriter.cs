using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

using RecursiveMas.Checkpoints.Pt;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>A tensor that is written to a file of torch.save.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type: one that torch has a storage class for.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Write">Hands its bytes on in pieces, in row-major order.</param>
public sealed record PtTensorSource(string Name, ElementType Type, IReadOnlyList<long> Shape, Action<Action<ReadOnlySpan<byte>>> Write)
{
    /// <summary>Its name.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Name { get; init => field = Given.NotNull(value, nameof(Name)); } = Given.NotNull(Name);

    /// <summary>Element type.</summary>
    /// <exception cref="InvalidOptionException">There is no such type.</exception>
    public ElementType Type { get; init => field = Given.Defined(value, nameof(Type)); } = Given.Defined(Type, nameof(Type));

    /// <summary>Sizes, outermost first.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<long> Shape { get; init => field = Given.NotNull(value, nameof(Shape)); } = Given.NotNull(Shape);

    /// <summary>Hands its bytes on in pieces, in row-major order.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public Action<Action<ReadOnlySpan<byte>>> Write { get; init => field = Given.NotNull(value, nameof(Write)); } = Given.NotNull(Write);

    /// <summary>Number of elements.</summary>
    internal long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Number of bytes.</summary>
    internal long ByteCount => Count * SafetensorsTypes.SizeOf(Type);
}

/// <summary>Writes state dictionaries in the form of torch.save, byte for byte as torch lays them out, so that torch.load reads them.</summary>
public sealed class PtWriter
{
    private const int Alignment = 64, HeaderLength = 30, EntryLength = 46, PaddingField = 4, DescriptorLength = 16;
    private const int WideEndLength = 56, LocatorLength = 20, EndLength = 22, IdDigits = 40;
    private const ushort Flags = 0x0808;
    /// <summary>The size that a file must not reach: its records are found by 32 bits.</summary>
    public const long SizeLimit = uint.MaxValue;
    private const string IdName = ".data/serialization_id";

    private readonly Stream _stream;
    private readonly List<(string Name, long Offset, long Length, uint Crc)> _written = [];
    private long _position;

    private PtWriter(Stream stream) => _stream = stream;

    /// <summary>
    /// Length in bytes of the file that <see cref="Write(Stream, IReadOnlyList{PtTensorSource}, string, IReadOnlyList{string}, string)"/> makes;
    /// nothing is written.
    /// </summary>
    /// <param name="tensors">The tensors in the order of the file.</param>
    /// <param name="root">Root folder inside the file.</param>
    /// <param name="modules">Paths of the modules that the dictionary is of; "" for the outermost.</param>
    /// <param name="location">Tag of the storages: "cpu", or "cuda:0".</param>
    public static long Measure(IReadOnlyList<PtTensorSource> tensors, string root, IReadOnlyList<string> modules, string location = "cpu")
    {
        Check(tensors, root, modules, location);
        return Measure(root, StateDictionaryPickle.Write(tensors, modules, location), Storages(tensors));
    }

    /// <summary>Writes a file of fewer than 4 GB.</summary>
    /// <param name="stream">Takes the bytes.</param>
    /// <param name="tensors">The tensors in the order of the file.</param>
    /// <param name="root">Root folder inside the file.</param>
    /// <param name="modules">Paths of the modules that the dictionary is of; "" for the outermost.</param>
    /// <param name="location">Tag of the storages: "cpu", or "cuda:0".</param>
    /// <exception cref="UnsupportedCheckpointException">The file would reach 4 GB.</exception>
    public static void Write(Stream stream, IReadOnlyList<PtTensorSource> tensors, string root, IReadOnlyList<string> modules, string location = "cpu")
    {
        ArgumentNullException.ThrowIfNull(stream);
        Check(tensors, root, modules, location);
        byte[] pickle = StateDictionaryPickle.Write(tensors, modules, location);
        PtRecordSource[] storages = Storages(tensors);
        if (Measure(root, pickle, storages) >= SizeLimit)
            throw new UnsupportedCheckpointException(root, "would reach 4 GB, which this form cannot. Write safetensors.");
        Write(stream, root, pickle, storages);
    }

    private static void Check(IReadOnlyList<PtTensorSource> tensors, string root, IReadOnlyList<string> modules, string location)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(modules);
        ArgumentNullException.ThrowIfNull(location);
        if (modules.Contains(null!))
            throw new InvalidOptionException(nameof(modules), "holds null. Name every module, the outermost by an empty text.");
        foreach (PtTensorSource tensor in tensors)
        {
            ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
            if (!PtRules.General.Symbols.Values.Any(symbol => symbol.Kind == PickleSymbolKind.Storage && symbol.Type == tensor.Type))
                throw new UnsupportedCheckpointException(root, $"the tensor '{tensor.Name}' is {tensor.Type}, for which torch has no storage. Convert it.");
        }
    }

    private static PtRecordSource[] Storages(IReadOnlyList<PtTensorSource> tensors) =>
        [.. tensors.Select((tensor, place) => new PtRecordSource(
            string.Create(CultureInfo.InvariantCulture, $"data/{place}"),
            tensor.ByteCount,
            tensor.Write))];

    internal static long Measure(string root, byte[] pickle, IReadOnlyList<PtRecordSource> storages)
    {
        long position = 0, directory = 0;
        foreach ((string name, long length) in Records(pickle, storages).Select(r => (r.Name, r.Length)).Append((IdName, IdDigits)))
        {
            int nameLength = Encoding.UTF8.GetByteCount($"{root}/{name}");
            position = DataOffset(position, nameLength) + length + DescriptorLength;
            directory += EntryLength + nameLength;
        }

        return position + directory + WideEndLength + LocatorLength + EndLength;
    }

    /// <summary>Writes a container of fewer than 4 GB.</summary>
    internal static void Write(Stream stream, string root, byte[] pickle, IReadOnlyList<PtRecordSource> storages)
    {
        var writer = new PtWriter(stream);
        foreach (PtRecordSource record in Records(pickle, storages))
            writer.WriteRecord($"{root}/{record.Name}", record);
        writer.WriteRecord($"{root}/{IdName}", PtRecordSource.Of(IdName, writer.SerializationId(root.Length + 1)));
        writer.WriteDirectory();
    }

    private static IEnumerable<PtRecordSource> Records(byte[] pickle, IReadOnlyList<PtRecordSource> storages) =>
    [
        PtRecordSource.Of("data.pkl", pickle),
        PtRecordSource.Of(".format_version", "1"u8.ToArray()),
        PtRecordSource.Of(".storage_alignment", Encoding.ASCII.GetBytes(Alignment.ToString(CultureInfo.InvariantCulture))),
        PtRecordSource.Of("byteorder", "little"u8.ToArray()),
        .. storages,
        PtRecordSource.Of("version", "3\n"u8.ToArray()),
    ];

    private static long DataOffset(long position, int nameLength)
    {
        long start = position + HeaderLength + nameLength + PaddingField;
        return (start + Alignment - 1) / Alignment * Alignment;
    }

    private void WriteRecord(string path, PtRecordSource record)
    {
        byte[] name = Encoding.UTF8.GetBytes(path);
        long offset = _position, data = DataOffset(offset, name.Length);
        int extra = (int)(data - offset) - HeaderLength - name.Length;
        byte[] header = new byte[data - offset];
        Put(header, 0, 0x04034b50u);
        Put(header, 6, Flags);
        Put(header, 26, (ushort)name.Length);
        Put(header, 28, (ushort)extra);
        name.CopyTo(header, HeaderLength);
        Span<byte> padding = header.AsSpan(HeaderLength + name.Length);
        "FB"u8.CopyTo(padding);
        BinaryPrimitives.WriteUInt16LittleEndian(padding[2..], (ushort)(extra - PaddingField));
        padding[PaddingField..].Fill((byte)'Z');
        Emit(header);

        uint crc = 0;
        record.Write(part =>
        {
            crc = Crc32.Compute(part, crc);
            Emit(part);
        });
        if (_position != data + record.Length)
            throw new InvalidOperationException($"The record '{path}' has {_position - data} bytes instead of {record.Length}.");

        byte[] descriptor = new byte[DescriptorLength];
        Put(descriptor, 0, 0x08074b50u);
        Put(descriptor, 4, crc);
        Put(descriptor, 8, (uint)record.Length);
        Put(descriptor, 12, (uint)record.Length);
        Emit(descriptor);
        _written.Add((path, offset, record.Length, crc));
    }

    // Two numbers of 20 digits: one follows from the names, one from the contents.
    private byte[] SerializationId(int rootLength)
    {
        ulong names = 0, contents = 0;
        foreach ((string name, _, _, uint crc) in _written)
        {
            names = Mix(names, Crc32.Compute(Encoding.UTF8.GetBytes(name[rootLength..])));
            contents = Mix(contents, crc);
        }

        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{names:D20}{contents:D20}"));

        static ulong Mix(ulong seed, uint value) => (BitOperations.RotateLeft(seed, 23) ^ value) * 0x9E3779B97F4A7C15;
    }

    private void WriteDirectory()
    {
        long start = _position;
        foreach ((string path, long offset, long length, uint crc) in _written)
        {
            byte[] name = Encoding.UTF8.GetBytes(path), entry = new byte[EntryLength + name.Length];
            Put(entry, 0, 0x02014b50u);
            Put(entry, 8, Flags);
            Put(entry, 16, crc);
            Put(entry, 20, (uint)length);
            Put(entry, 24, (uint)length);
            Put(entry, 28, (ushort)name.Length);
            Put(entry, 42, (uint)offset);
            name.CopyTo(entry, EntryLength);
            Emit(entry);
        }

        long end = _position;
        byte[] tail = new byte[WideEndLength + LocatorLength + EndLength];
        Put(tail, 0, 0x06064b50u);
        Put(tail, 4, (ulong)(WideEndLength - 12));
        Put(tail, 12, (ushort)0x031e);
        Put(tail, 14, (ushort)45);
        Put(tail, 24, (ulong)_written.Count);
        Put(tail, 32, (ulong)_written.Count);
        Put(tail, 40, (ulong)(end - start));
        Put(tail, 48, (ulong)start);
        const int Locator = WideEndLength, End = WideEndLength + LocatorLength;
        Put(tail, Locator, 0x07064b50u);
        Put(tail, Locator + 8, (ulong)end);
        Put(tail, Locator + 16, 1u);
        Put(tail, End, 0x06054b50u);
        Put(tail, End + 8, (ushort)_written.Count);
        Put(tail, End + 10, (ushort)_written.Count);
        Put(tail, End + 12, (uint)(end - start));
        Put(tail, End + 16, (uint)start);
        Emit(tail);
    }

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _position += bytes.Length;
    }

    private static void Put(byte[] bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);

    private static void Put(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);

    private static void Put(byte[] bytes, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);
}
