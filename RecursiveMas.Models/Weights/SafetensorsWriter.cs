using System.Buffers.Binary;
using System.Text.Json;
using RecursiveMas.Checkpoints;
using TorchSharp;

namespace RecursiveMas.Weights;

/// <summary>Writes safetensors files: widest elements first, then by name, data aligned to eight bytes.</summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Writes a file. Tensors are loaded one at a time.</summary>
    /// <param name="path">The file; it appears only when it is complete, and replaces one that is there.</param>
    /// <param name="tensors">What to write; names must differ.</param>
    /// <param name="metadata">Free text to attach.</param>
    /// <param name="cancellationToken">Checked before each tensor.</param>
    /// <exception cref="UnsupportedCheckpointException">A tensor has an element type that the format lacks, or the file would exceed what is read.</exception>
    public static void Write(
        string path, IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        TensorSource[] ordered =
        [
            .. tensors.OrderByDescending(tensor => SizeOf(tensor, path)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal),
        ];
        byte[] header = Header(ordered, metadata, path);
        int attached = metadata?.Sum(entry => 2 * (entry.Key.Length + entry.Value.Length)) ?? 0;
        if (ordered.Length > SafetensorsHeader.MaximumTensors
            || header.Length > SafetensorsHeader.MaximumLength
            || attached > SafetensorsHeader.MaximumMetadata)
            throw new UnsupportedCheckpointException(
                path,
                $"would hold {ordered.Length:N0} tensors with a header of {header.Length:N0} bytes, more than is read from one file. Split it.");
        TensorBytes.WriteFile(path, stream =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (TensorSource source in ordered)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using torch.Tensor tensor = source.Load();
                TensorBytes.ForEachPart(tensor, part => stream.Write(part));
            }
        });
    }

    private static byte[] Header(TensorSource[] tensors, IReadOnlyDictionary<string, string>? metadata, string path)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long at = 0;
            foreach (TensorSource tensor in tensors)
            {
                string type = TypeName(tensor, path);
                long end = at + (tensor.Count * SizeOf(tensor, path));
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", type);
                WriteNumbers(json, "shape", tensor.Shape);
                WriteNumbers(json, "data_offsets", at, end);
                json.WriteEndObject();
                at = end;
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static int SizeOf(TensorSource tensor, string path)
    {
        // Refuses what the format lacks.
        TypeName(tensor, path);
        return SafetensorsTypes.SizeOf(tensor.Type.ToElementType());
    }

    private static string TypeName(TensorSource tensor, string path) => SafetensorsTypes.NameOf(tensor.Type.ToElementType())
        ?? throw new UnsupportedCheckpointException(
            path,
            $"the tensor '{tensor.Name}' is {tensor.Type}, which safetensors cannot hold. Convert it to another element type.");
}
