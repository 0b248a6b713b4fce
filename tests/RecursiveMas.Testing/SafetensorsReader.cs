using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace RecursiveMas.Testing;

/// <summary>Arrays of a trusted safetensors file of golden data, without tensors and independent of the product's reader.</summary>
public sealed class SafetensorsReader
{
    private readonly byte[] _file;
    private readonly JsonElement _header;
    private readonly int _dataStart;

    public SafetensorsReader(string path)
    {
        _file = File.ReadAllBytes(path);
        int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(_file));
        using JsonDocument header = JsonDocument.Parse(_file.AsMemory(8, length));
        _header = header.RootElement.Clone();
        _dataStart = 8 + length;
    }

    public IEnumerable<string> Names => _header.EnumerateObject().Select(p => p.Name).Where(name => name != "__metadata__");

    public bool Contains(string name) => _header.TryGetProperty(name, out _);

    public long[] Shape(string name) => [.. _header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())];

    public float[] Float32(string name) => Read<float>(name, "F32");

    public double[] Float64(string name) => Read<double>(name, "F64");

    public long[] Int64(string name) => Read<long>(name, "I64");

    private T[] Read<T>(string name, string type)
        where T : struct
    {
        JsonElement entry = _header.GetProperty(name), ends = entry.GetProperty("data_offsets");
        if (entry.GetProperty("dtype").GetString() != type)
            throw new InvalidDataException($"{name} is {entry.GetProperty("dtype")}, not {type}.");
        int from = ends[0].GetInt32(), to = ends[1].GetInt32();
        return MemoryMarshal.Cast<byte, T>(_file.AsSpan(_dataStart + from, to - from)).ToArray();
    }
}
