using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Configuration;

/// <summary>The one place that decides in which element type a model computes.</summary>
internal static class DtypeChoice
{
    /// <summary>Whether this CPU multiplies bfloat16 matrices in hardware.</summary>
    public static bool FastBFloat16 { get; } = HasFastBFloat16();

    /// <param name="wanted">The user's wish.</param>
    /// <param name="stored">Element type of the checkpoint.</param>
    /// <param name="device">Where the model will run.</param>
    /// <param name="fastBFloat16">Whether the CPU computes bfloat16 fast.</param>
    public static ScalarType Resolve(ModelDtype wanted, ScalarType stored, DeviceType device, bool fastBFloat16) => wanted switch
    {
        ModelDtype.Float32 => ScalarType.Float32,
        ModelDtype.BFloat16 => ScalarType.BFloat16,
        ModelDtype.Float16 => ScalarType.Float16,
        ModelDtype.Stored => stored,
        _ when device != DeviceType.CPU => stored,
        _ when stored == ScalarType.BFloat16 && fastBFloat16 => stored,
        _ => ScalarType.Float32,
    };

    private static bool HasFastBFloat16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        const int Avx512BFloat16 = 1 << 5, AmxBFloat16 = 1 << 22;
        (int subleaves, _, _, int features) = X86Base.CpuId(7, 0);
        bool avx512 = subleaves >= 1 && (X86Base.CpuId(7, 1).Eax & Avx512BFloat16) != 0 && Avx512F.IsSupported;
        return avx512 || (features & AmxBFloat16) != 0;
    }
}
