using System.Text.Json;
using static TorchSharp.torch;

namespace RecursiveMas.Checkpoints;

/// <summary>Element types of the safetensors format.</summary>
internal static class SafetensorsTypes
{
    /// <summary>Name in the file → bytes of an element and, where TorchSharp has it, the element type.</summary>
    public static Dictionary<string, (int Bytes, ScalarType? Type)> Known { get; } = new(StringComparer.Ordinal)
    {
        ["BOOL"] = (1, ScalarType.Bool),
        ["U8"] = (1, ScalarType.Byte),
        ["I8"] = (1, ScalarType.Int8),
        ["I16"] = (2, ScalarType.Int16),
        ["I32"] = (4, ScalarType.Int32),
        ["I64"] = (8, ScalarType.Int64),
        ["F16"] = (2, ScalarType.Float16),
        ["BF16"] = (2, ScalarType.BFloat16),
        ["F32"] = (4, ScalarType.Float32),
        ["F64"] = (8, ScalarType.Float64),
        ["C64"] = (8, ScalarType.ComplexFloat32),
        ["U16"] = (2, null),
        ["U32"] = (4, null),
        ["U64"] = (8, null),
        ["F8_E4M3"] = (1, null),
        ["F8_E5M2"] = (1, null),
        ["F8_E8M0"] = (1, null),
    };

    /// <summary>All names, for messages.</summary>
    public static string List => string.Join(", ", Known.Keys);

    /// <summary>The known name at the reader's position, without a copy of its text; null for an unknown one.</summary>
    public static string? Intern(ref Utf8JsonReader reader)
    {
        foreach (string known in Known.Keys)
        {
            if (reader.ValueTextEquals(known))
                return known;
        }

        return null;
    }

    /// <summary>Name in the file of an element type; null for one that the format does not have.</summary>
    public static string? NameOf(ScalarType type) => Known.FirstOrDefault(pair => pair.Value.Type == type).Key;
}
