using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>In which element type a model computes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelDtype>))]
public enum ModelDtype
{
    /// <summary>
    /// On an accelerator as stored. On a CPU as stored if that CPU computes it fast (bfloat16 with AVX512_BF16 or AMX; float16 never),
    /// else float32. The choice is logged.
    /// </summary>
    Auto,

    /// <summary>As stored in the checkpoint.</summary>
    Stored,

    /// <summary>float32.</summary>
    Float32,

    /// <summary>bfloat16.</summary>
    BFloat16,

    /// <summary>float16; slow on CPUs.</summary>
    Float16,
}
