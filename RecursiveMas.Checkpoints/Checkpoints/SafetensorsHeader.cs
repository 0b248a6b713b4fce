using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace RecursiveMas;

/// <summary>One tensor as the header describes it.</summary>
/// <param name="Name">Its name; never a path.</param>
/// <param name="TypeName">Element type as written, for example "BF16".</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the start of the file.</param>
/// <param name="ByteCount">Number of bytes.</param>
public sealed record SafetensorsTensor(string Name, string TypeName, IReadOnlyList<long> Shape, long Begin, long ByteCount)
{
    /// <summary>Element type; null for one that is known to the format only, for example "F8_E4M3".</summary>
    public ElementType? Type => SafetensorsTypes.Known[TypeName].Type;

    /// <summary>Bytes of an element.</summary>
    public int ElementSize => SafetensorsTypes.Known[TypeName].Bytes;
}

/// <summary>The header of a safetensors file: everything but the data, fully checked.</summary>
/// <remarks>Immutable and safe for concurrent calls.</remarks>
public sealed class SafetensorsHeader
{
    /// <summary>Largest header that is read, in bytes.</summary>
    public const int MaximumLength = 25_000_000;

    /// <summary>Most tensors that one file may list: bounds what a header full of empty tensors can make us allocate.</summary>
    public const int MaximumTensors = 10_000;

    /// <summary>Longest name of a tensor in bytes.</summary>
    public const int MaximumName = 4096;

    /// <summary>Most bytes of all metadata together.</summary>
    public const int MaximumMetadata = 512 << 10;

    private const int LengthField = 8;
    private const int MaximumRank = 64;
    private const int ShortestEntry = 44; // "":{"dtype":"U8","shape":[],"data_offsets":[0,0]}

    private readonly string _file;
    private readonly long _dataLength;
    private readonly long _dataStart;
    private readonly long[] _numbers = new long[MaximumRank];

    private SafetensorsHeader(string file, long dataStart, long dataLength) =>
        (_file, _dataStart, _dataLength) = (file, dataStart, dataLength);

    /// <summary>Free text that the writer attached.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private set; } = new Dictionary<string, string>();

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; private set; } = new Dictionary<string, SafetensorsTensor>();

    /// <summary>Reads and checks the header of a file.</summary>
    /// <param name="folder">Where the file lies.</param>
    /// <param name="file">Its name.</param>
    /// <exception cref="CheckpointException">The file is missing, or its header is damaged, hostile, or does not describe the file exactly.</exception>
    public static SafetensorsHeader Read(CheckpointFolder folder, string file)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using Stream stream = folder.OpenRead(file);
        return Read(stream, stream.Length, folder.Describe(file));
    }

    /// <summary>Reads and checks the header at the start of a stream.</summary>
    /// <param name="stream">The file, at its start.</param>
    /// <param name="fileLength">Length of the whole file in bytes.</param>
    /// <param name="file">Name for messages.</param>
    /// <exception cref="CheckpointException">The header is damaged, hostile, or does not describe the file exactly.</exception>
    public static SafetensorsHeader Read(Stream stream, long fileLength, string file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(file);
        if (fileLength < LengthField)
            throw new CheckpointException(file, $"has {fileLength} bytes and is not a safetensors file. Download it again.");
        Span<byte> field = stackalloc byte[LengthField];
        stream.ReadExactly(field);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(field);
        if (length > MaximumLength)
            throw new CheckpointException(
                file,
                $"claims a header of {length:N0} bytes, more than the {MaximumLength:N0} that are read. It is not a safetensors file, or it is damaged.");
        if (length == 0 || (long)length > fileLength - LengthField)
            throw new CheckpointException(file, $"claims a header of {length:N0} bytes in a file of {fileLength:N0}. Download it again.");
        byte[] json = new byte[length];
        stream.ReadExactly(json);
        if (!Utf8.IsValid(json))
            throw new CheckpointException(file, "has a header that is not UTF-8.");

        var header = new SafetensorsHeader(file, LengthField + (long)length, fileLength - LengthField - (long)length);
        try
        {
            header.Parse(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The reader reports a lone surrogate as InvalidOperationException.
            throw new CheckpointException(file, "has a header that is not valid JSON. Download it again.", error);
        }

        header.CheckTiling();
        return header;
    }

    private void Parse(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        var tensors = new Dictionary<string, SafetensorsTensor>(Math.Min(json.Length / ShortestEntry, MaximumTensors), StringComparer.Ordinal);
        bool hasMetadata = false;
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("__metadata__"u8))
            {
                if (hasMetadata)
                    throw Bad("has metadata twice");
                hasMetadata = true;
                Metadata = ReadMetadata(ref reader);
                continue;
            }

            if (reader.ValueSpan.Length > MaximumName)
                throw Bad($"has a tensor name of {reader.ValueSpan.Length:N0} bytes, more than {MaximumName:N0}");
            string name = reader.GetString()!;
            if (tensors.Count == MaximumTensors)
                throw Bad($"lists more than {MaximumTensors:N0} tensors");
            if (!tensors.TryAdd(name, ReadTensor(ref reader, name)))
                throw Bad($"names the tensor '{name}' twice");
        }

        if (reader.Read())
            throw Bad("has text behind its header object");
        Tensors = tensors;
    }

    private Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        Expect(ref reader, JsonTokenType.StartObject, "the metadata");
        int length = 0;
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            CheckMetadata(length += reader.ValueSpan.Length);
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, "a value of the metadata");
            CheckMetadata(length += reader.ValueSpan.Length);
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw Bad("has an entry of its metadata twice");
        }

        return metadata;
    }

    private void CheckMetadata(int length)
    {
        if (length > MaximumMetadata)
            throw Bad($"has more than {MaximumMetadata:N0} bytes of metadata");
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        long[]? shape = null;
        long begin = -1, end = -1;
        Expect(ref reader, JsonTokenType.StartObject, "a tensor");
        while (Next(ref reader) == JsonTokenType.PropertyName)
        {
            if (type is null && reader.ValueTextEquals("dtype"u8))
            {
                Expect(ref reader, JsonTokenType.String, "a dtype");
                type = SafetensorsTypes.Intern(ref reader)
                    ?? throw new UnsupportedCheckpointException(
                        _file,
                        $"the tensor '{name}' has the unknown element type '{Shown(ref reader)}'. Known are {SafetensorsTypes.List}.");
            }
            else if (shape is null && reader.ValueTextEquals("shape"u8))
            {
                shape = ReadNumbers(ref reader, name, MaximumRank).ToArray();
            }
            else if (end < 0 && reader.ValueTextEquals("data_offsets"u8))
            {
                ReadOnlySpan<long> range = ReadNumbers(ref reader, name, 2);
                if (range.Length != 2)
                    throw Bad($"gives the tensor '{name}' {range.Length} offsets instead of two");
                (begin, end) = (range[0], range[1]);
            }
            else
            {
                throw Bad($"gives the tensor '{name}' the field '{Shown(ref reader)}', which is unknown or there twice");
            }
        }

        if (type is null || shape is null || end < 0)
            throw Bad($"does not give the tensor '{name}' all of dtype, shape and data_offsets");
        if (begin > end || end > _dataLength)
            throw Bad($"places the tensor '{name}' at bytes {begin} to {end} of {_dataLength}");
        if (ByteCount(shape, type) != end - begin)
            throw Bad($"gives the tensor '{name}' {end - begin} bytes, which is not what {type} [{string.Join(", ", shape)}] takes");
        return new SafetensorsTensor(name, type, shape, _dataStart + begin, end - begin);
    }

    // Null if the sizes overflow; zeros do not hide it.
    private static long? ByteCount(long[] shape, string type)
    {
        long product = SafetensorsTypes.Known[type].Bytes;
        bool empty = false;
        foreach (long size in shape)
        {
            empty |= size == 0;
            Int128 next = (Int128)product * Math.Max(size, 1);
            if (next > long.MaxValue)
                return null;
            product = (long)next;
        }

        return empty ? 0 : product;
    }

    private ReadOnlySpan<long> ReadNumbers(ref Utf8JsonReader reader, string name, int most)
    {
        int count = 0;
        Expect(ref reader, JsonTokenType.StartArray, "a list of numbers");
        while (Next(ref reader) == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out long number) || number < 0)
                throw Bad($"gives the tensor '{name}' a size or offset that is no whole number from 0 to {long.MaxValue}");
            if (count == most)
                throw Bad($"gives the tensor '{name}' a list of more than {most} numbers");
            _numbers[count++] = number;
        }

        return reader.TokenType == JsonTokenType.EndArray
            ? _numbers.AsSpan(0, count)
            : throw Bad($"gives the tensor '{name}' a size or offset that is no number");
    }

    private void CheckTiling()
    {
        long end = _dataStart;
        SafetensorsTensor[] inOrder = [.. Tensors.Values];
        Array.Sort(inOrder, static (a, b) => (a.Begin, a.ByteCount).CompareTo((b.Begin, b.ByteCount)));
        foreach (SafetensorsTensor tensor in inOrder)
        {
            if (tensor.Begin != end)
                throw Bad($"leaves a hole or an overlap before the tensor '{tensor.Name}'");
            end += tensor.ByteCount;
        }

        if (end != _dataStart + _dataLength)
            throw Bad($"describes {end - _dataStart:N0} bytes of data where the file has {_dataLength:N0}");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType wanted, string what)
    {
        if (Next(ref reader) != wanted)
            throw Bad($"has {reader.TokenType} for {what} where {wanted} belongs");
    }

    private JsonTokenType Next(ref Utf8JsonReader reader) =>
        reader.Read() ? reader.TokenType : throw Bad("has a header that ends early");

    private static string Shown(ref Utf8JsonReader reader)
    {
        const int Longest = 100;
        return reader.ValueSpan.Length <= Longest ? reader.GetString()! : $"(a text of {reader.ValueSpan.Length:N0} bytes)";
    }

    private CheckpointException Bad(string fault) => new(_file, $"{fault}. The file is damaged or hostile; download it again.");
}
