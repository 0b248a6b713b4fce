using System.Buffers.Binary;
using System.Text.Json;

namespace RecursiveMas.Models.Tests.Tokenizers;

/// <summary>Reads id tensors of a safetensors file.</summary>
internal sealed class SafetensorsIds : IDisposable
{
    private readonly byte[] _bytes;
    private readonly JsonDocument _header;
    private readonly int _data;

    public SafetensorsIds(string file)
    {
        _bytes = File.ReadAllBytes(file);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        _header = JsonDocument.Parse(_bytes.AsMemory(8, length));
        _data = 8 + length;
    }

    public int[] Read(string key)
    {
        JsonElement entry = _header.RootElement.GetProperty(key);
        int start = entry.GetProperty("data_offsets")[0].GetInt32() + _data;
        int end = entry.GetProperty("data_offsets")[1].GetInt32() + _data;
        int width = entry.GetProperty("dtype").GetString() == "I32" ? 4 : 8;
        return [.. Enumerable.Range(0, (end - start) / width).Select(i =>
            width == 4 ? BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(start + (4 * i))) : (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(start + (8 * i))))];
    }

    public void Dispose() => _header.Dispose();
}
