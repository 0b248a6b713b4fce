using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Testing;

/// <summary>Comparisons of tensors with the tolerances of the golden data.</summary>
public static class TensorChecks
{
    /// <summary>Every value within <paramref name="tolerance"/> of the expected tensor's largest magnitude.</summary>
    public static void Close(
        Tensor expected,
        Tensor actual,
        double tolerance = 1e-4,
        string what = "tensor",
        [CallerFilePath] string file = "",
        [CallerMemberName] string member = "")
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        if (expected.numel() == 0)
            return;
        Tensor e = expected.cpu().to_type(ScalarType.Float64), a = actual.cpu().to_type(ScalarType.Float64);
        Assert.True(a.isfinite().all().item<bool>(), $"{what}: not finite");
        double scale = Math.Max(e.abs().max().item<double>(), 1e-12);
        double error = (e - a).abs().max().item<double>() / scale;
        ErrorLog.Add(error, tolerance, file, member);
        Assert.True(error <= tolerance, $"{what}: largest error {error:E2} of the largest magnitude {scale:G4}, allowed {tolerance:E1}");
    }

    /// <summary>No more tensors live than before. There may be fewer: the collector takes what earlier tests dropped.</summary>
    public static void NoMoreLiveThan(long before)
    {
        long left = Tensor.TotalCount - before;
        Assert.True(left <= 0, $"{left} tensors are left over.");
    }

    /// <summary>Smallest cosine between the rows (last dimension) of two tensors.</summary>
    public static double SmallestCosine(Tensor expected, Tensor actual, [CallerFilePath] string file = "", [CallerMemberName] string member = "")
    {
        using var scope = NewDisposeScope();
        Tensor e = expected.cpu().to_type(ScalarType.Float64), a = actual.cpu().to_type(ScalarType.Float64);
        double cosine = nn.functional.cosine_similarity(e, a, dim: -1).min().item<double>();
        ErrorLog.Add(1 - cosine, 0, file, $"{member}, 1 - cosine");
        return cosine;
    }
}
