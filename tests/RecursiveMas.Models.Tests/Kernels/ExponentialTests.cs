using System.Numerics;
using RecursiveMas.Kernels;
using Xunit;

namespace RecursiveMas.Models.Tests.Kernels;

public class ExponentialTests
{
    [Fact]
    public void Within_two_units_of_the_last_place_from_the_least_normal_number_to_the_largest()
    {
        double worst = 0;
        for (float x = -87.336f; x < 88.722f; x += 0.00037f)
        {
            float actual = Of(x);
            double expected = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs(actual - expected) / (MathF.BitIncrement((float)expected) - (float)expected));
        }

        Assert.InRange(worst, 0.4, 2);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-87.4f, 0)]
    [InlineData(-1000, 0)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(float.MinValue, 0)]
    [InlineData(88.8f, float.PositiveInfinity)]
    [InlineData(float.MaxValue, float.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Ends(float x, float expected) => Assert.Equal(expected, Of(x));

    [Fact]
    public void Every_kind_of_NaN_stays_one()
    {
        foreach (uint bits in new uint[] { 0x7FC00000, 0xFFC00000, 0x7F800001, 0x7FFFFFFF, 0xFFFFFFFF })
            Assert.True(float.IsNaN(Of(BitConverter.UInt32BitsToSingle(bits))));
    }

    // In the last place of the vector, beside ones.
    private static float Of(float x)
    {
        Vector<float> values = Vector.WithElement(new Vector<float>(1), Vector<float>.Count - 1, x);
        return Exponential.Of(values)[Vector<float>.Count - 1];
    }
}
