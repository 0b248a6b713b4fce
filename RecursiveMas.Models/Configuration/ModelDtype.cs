using System.Text.Json.Serialization;

namespace RecursiveMas;

/// <summary>In which element type a model computes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelDtype>))]
public enum ModelDtype
{
    /// <summary>
    /// On an accelerator as stored. On a CPU float32, whatever type the weights are stored in: they are read as they are, so that results are those of
    /// float32 on any processor, in no more memory than the file takes. The choice is logged.
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
