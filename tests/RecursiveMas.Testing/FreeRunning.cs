using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Testing;

/// <summary>
/// The rule for chains that feed their own rounding back: how far a right implementation may be from the recorded one depends on how much the case amplifies.
/// That is measured by the same run on inputs that are nudged by a ten-millionth, and decides step by step.
/// </summary>
public static class FreeRunning
{
    private const double Nudge = 1e-7;
    private const double LeastAllowed = 5e-2;
    private const double ForcedOnly = 0.25;

    /// <summary>Seeds of the nudged runs.</summary>
    public static IReadOnlyList<long> Seeds { get; } = [1, 2, 3];

    /// <summary>An input with every value changed by about a ten-millionth of itself.</summary>
    public static Tensor Nudged(Tensor input, long seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        Tensor noise = randn(input.shape, dtype: float32, generator: generator).mul(Nudge).add(1);
        return input.to_type(float32).mul(noise.to(input.device)).to_type(input.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>What each step of a chain [m, d] may differ by, relative to the largest magnitude of the recorded chain.</summary>
    /// <param name="plain">The chain.</param>
    /// <param name="nudged">The same chain on nudged inputs.</param>
    public static double[] Allowed(Tensor plain, IEnumerable<Tensor> nudged)
    {
        double[] growth = new double[plain.size(0)];
        foreach (Tensor other in nudged)
        {
            double[] errors = Errors(plain, other);
            for (int step = 0; step < growth.Length; step++)
                growth[step] = Math.Max(growth[step], errors[step]);
        }

        return [.. growth.Select(largest => Math.Max(LeastAllowed, 3 * largest))];
    }

    /// <summary>Whether a case amplifies so much that only its forced comparison counts.</summary>
    public static bool IsForcedOnly(IEnumerable<double> allowed) => allowed.Any(value => value > ForcedOnly);

    /// <summary>Every step within what it may differ by.</summary>
    public static void Close(
        Tensor expected,
        Tensor actual,
        double[] allowed,
        string what,
        [CallerFilePath] string file = "",
        [CallerMemberName] string member = "")
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(actual.isfinite().all().ToBoolean(), $"{what}: not finite");
        double[] errors = Errors(expected, actual);
        for (int step = 0; step < errors.Length; step++)
        {
            ErrorLog.Add(errors[step], allowed[step], file, $"{member}, free-running");
            Assert.True(
                errors[step] <= allowed[step],
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{what}, step {step + 1}: error {errors[step]:E2} of the largest magnitude, allowed {allowed[step]:E2}"));
        }
    }

    private static double[] Errors(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        if (expected.numel() == 0)
            return new double[expected.size(0)];
        Tensor e = expected.cpu().to_type(float64), a = actual.cpu().to_type(float64);
        double scale = Math.Max(e.abs().max().ToDouble(), 1e-12);
        return [.. (e - a).abs().amax([1]).data<double>().Select(error => error / scale)];
    }
}
