using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Configuration;

/// <summary>The one place that decides in which element type a model computes.</summary>
internal static class DtypeChoice
{
    /// <param name="wanted">The user's wish.</param>
    /// <param name="stored">Element type of the checkpoint.</param>
    /// <param name="device">Where the model will run.</param>
    public static ScalarType Resolve(ModelDtype wanted, ScalarType stored, DeviceType device) => wanted switch
    {
        ModelDtype.Float32 => ScalarType.Float32,
        ModelDtype.BFloat16 => ScalarType.BFloat16,
        ModelDtype.Float16 => ScalarType.Float16,
        ModelDtype.Stored => stored,
        _ when device != DeviceType.CPU => stored,
        _ => ScalarType.Float32,
    };
}
