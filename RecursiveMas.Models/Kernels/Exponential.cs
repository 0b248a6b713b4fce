using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Kernels;

/// <summary>eˣ in float32; <see cref="Vector.Exp(Vector{float})"/> goes by way of float64 and takes longer.</summary>
internal static class Exponential
{
    // eˣ = 2ⁿ · eʳ with n the integer next to x / ln 2, so that |r| is at most half of ln 2, which is in two parts: the first has few digits, and n times
    // it is exact.
    private const float PerLogTwo = 1.44269504f, LogTwo = 0.693359375f, LogTwoRest = -2.12194440e-4f;

    // Added to a number of this size, fractions are rounded away, and the integer stands in the lowest bits.
    private const float Rounding = 12582912f;
    private const int ExponentShift = 23;

    // Below, eˣ is less than the least normal number; above, more than the largest.
    private const float Least = -87.33654f, Most = 88.72283f;

    /// <summary>eˣ within two units of the last place; zero where it is less than the least normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Of(Vector<float> x)
    {
        Vector<float> shifted = Vector.MultiplyAddEstimate(x, new Vector<float>(PerLogTwo), new Vector<float>(Rounding));
        Vector<float> n = shifted - new Vector<float>(Rounding);
        Vector<float> r = Vector.MultiplyAddEstimate(n, new Vector<float>(-LogTwo), x);
        r = Vector.MultiplyAddEstimate(n, new Vector<float>(-LogTwoRest), r);
        // Cephes' coefficients.
        Vector<float> sum = Vector.MultiplyAddEstimate(r, new Vector<float>(1.9875691500e-4f), new Vector<float>(1.3981999507e-3f));
        sum = Vector.MultiplyAddEstimate(sum, r, new Vector<float>(8.3334519073e-3f));
        sum = Vector.MultiplyAddEstimate(sum, r, new Vector<float>(4.1665795894e-2f));
        sum = Vector.MultiplyAddEstimate(sum, r, new Vector<float>(1.6666665459e-1f));
        sum = Vector.MultiplyAddEstimate(sum, r, new Vector<float>(5.0000001201e-1f));
        sum = Vector.MultiplyAddEstimate(sum, r * r, r + Vector<float>.One);
        Vector<float> power = Vector.AsVectorSingle(Vector.AsVectorInt32(sum) + (Vector.AsVectorInt32(shifted) << ExponentShift));
        power = Vector.ConditionalSelect(Vector.LessThan(x, new Vector<float>(Least)), Vector<float>.Zero, power);
        power = Vector.ConditionalSelect(Vector.GreaterThan(x, new Vector<float>(Most)), new Vector<float>(float.PositiveInfinity), power);
        return Vector.ConditionalSelect(Vector.Equals(x, x), power, x);
    }
}
