using System.Text.Json;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Element types of the safetensors format.</summary>
public static class SafetensorsTypes
{
    /// <summary>Name in the file → bytes of an element and, where it can be loaded, the element type.</summary>
    internal static Dictionary<string, (int Bytes, ElementType? Type)> Known { get; } = new(StringComparer.Ordinal)
    {
        ["BOOL"] = (1, ElementType.Bool),
        ["U8"] = (1, ElementType.Byte),
        ["I8"] = (1, ElementType.Int8),
        ["I16"] = (2, ElementType.Int16),
        ["I32"] = (4, ElementType.Int32),
        ["I64"] = (8, ElementType.Int64),
        ["F16"] = (2, ElementType.Float16),
        ["BF16"] = (2, ElementType.BFloat16),
        ["F32"] = (4, ElementType.Float32),
        ["F64"] = (8, ElementType.Float64),
        ["C64"] = (8, ElementType.ComplexFloat32),
        ["U16"] = (2, null),
        ["U32"] = (4, null),
        ["U64"] = (8, null),
        ["F8_E4M3"] = (1, null),
        ["F8_E5M2"] = (1, null),
        ["F8_E8M0"] = (1, null),
    };

    /// <summary>All names, for messages.</summary>
    internal static string List => string.Join(", ", Known.Keys);

    /// <summary>The known name at the reader's position, without a copy of its text; null for an unknown one.</summary>
    internal static string? Intern(ref Utf8JsonReader reader)
    {
        foreach (string known in Known.Keys)
        {
            if (reader.ValueTextEquals(known))
                return known;
        }

        return null;
    }

    /// <summary>Name in the file of an element type, for example "BF16"; null for one that the format does not have.</summary>
    /// <param name="type">The element type.</param>
    /// <exception cref="InvalidOptionException">There is no such type.</exception>
    public static string? NameOf(ElementType type) => Known.FirstOrDefault(pair => pair.Value.Type == Given.Defined(type, nameof(type))).Key;

    /// <summary>Bytes of an element.</summary>
    /// <param name="type">The element type.</param>
    /// <exception cref="InvalidOptionException">There is no such type.</exception>
    public static int SizeOf(ElementType type) => NameOf(type) is { } name ? Known[name].Bytes : 2 * SizeOf(ElementType.ComplexFloat32);
}
