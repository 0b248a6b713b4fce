using System.Globalization;
using System.Runtime.Intrinsics;

namespace RecursiveMas.Testing;

/// <summary>
/// How tests of numerics compute on the CPU. RECURSIVEMAS_KERNELS=off leaves everything to libtorch. RECURSIVEMAS_VECTORS says how wide vectors have to be
/// for the runtime (512, 256, 128, or 0 for none), so that a switch of the runtime that no longer does anything is not taken for a test.
/// </summary>
public static class TestKernels
{
    public const string Switch = "RECURSIVEMAS_KERNELS", Vectors = "RECURSIVEMAS_VECTORS";

    /// <summary>Whether managed kernels take part.</summary>
    /// <exception cref="InvalidOperationException">Vectors are not as wide as they have to be.</exception>
    public static bool Managed
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Vectors) is { Length: > 0 } wanted && int.Parse(wanted, CultureInfo.InvariantCulture) != Widest)
                throw new InvalidOperationException($"{Vectors} is {wanted}, but the runtime has vectors of {Widest} bits.");
            return Environment.GetEnvironmentVariable(Switch) != "off";
        }
    }

    /// <summary>Bits of the widest vectors that the runtime takes for fast.</summary>
    public static int Widest => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;
}
