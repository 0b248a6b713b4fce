using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RecursiveMas.Kernels;
using RecursiveMas.Native;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>A way to compute faster that not every machine has. Where it is off, the same is computed by plain operators.</summary>
/// <param name="Name">What it is.</param>
/// <param name="IsOn">Whether it is used here.</param>
/// <param name="Reason">What it needs, or what it does.</param>
public sealed record FastPath(string Name, bool IsOn, string Reason)
{
    /// <summary>What it is.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Name { get; init => field = Given.NotNull(value, nameof(Name)); } = Given.NotNull(Name);

    /// <summary>What it needs, or what it does.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Reason { get; init => field = Given.NotNull(value, nameof(Reason)); } = Given.NotNull(Reason);
}

/// <summary>The ways to compute faster, and whether this machine has them.</summary>
public static class FastPaths
{
    private const int Extent = 64;

    /// <summary>Tries them. Takes milliseconds, and some megabytes for as long.</summary>
    /// <exception cref="NativeLibraryException">libtorch is missing.</exception>
    public static IReadOnlyList<FastPath> Examine()
    {
        RecursiveMasRuntime.Initialize();
        return
        [
            Packed("float32", ScalarType.Float32),
            Packed("bfloat16", ScalarType.BFloat16),
            new("bfloat16 in hardware", HasFastBFloat16(), "AVX512_BF16 or AMX, for models that are told to compute in bfloat16"),
            new("wide vectors for managed kernels", Vector256.IsHardwareAccelerated, RowProduct.Lanes),
            new("norms in one operator", TorchNative.IsRmsNormFused, "libtorch exports its dispatcher as C functions"),
        ];
    }

    private static bool HasFastBFloat16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            return false;
        const int Avx512BFloat16 = 1 << 5, AmxBFloat16 = 1 << 22;
        (int subleaves, _, _, int features) = X86Base.CpuId(7, 0);
        bool avx512 = subleaves >= 1 && (X86Base.CpuId(7, 1).Eax & Avx512BFloat16) != 0 && Avx512F.IsSupported;
        return avx512 || (features & AmxBFloat16) != 0;
    }

    private static FastPath Packed(string name, ScalarType type) =>
        new($"repacked weights, {name}", TorchNative.HasPackedLinear(type, Extent, Extent), "oneDNN on a 64-bit Intel or AMD processor, exported by libtorch");
}
