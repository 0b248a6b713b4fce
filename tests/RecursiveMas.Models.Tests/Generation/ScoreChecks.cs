using Xunit;

namespace RecursiveMas.Models.Tests.Generation;

/// <summary>Comparisons of filtered scores, by the modes of the golden data.</summary>
internal static class ScoreChecks
{
    public static IEnumerable<float[]> Rows(float[] values, long[] shape) => values.Chunk((int)shape[^1]);

    public static void Same(string mode, float[] expected, float[] actual, long[] shape, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach ((float[] e, float[] a) in Rows(expected, shape).Zip(Rows(actual, shape)))
        {
            switch (mode)
            {
                case "exact":
                    Exact(e, a, what);
                    break;
                case "count":
                    Exact([.. e.Order()], [.. a.Order()], what);
                    break;
                case "rounding":
                    ExceptAtBorder(e, a, what);
                    break;
                default:
                    Assert.Fail($"{what}: unknown comparison '{mode}'");
                    break;
            }
        }
    }

    public static void Near(IReadOnlyList<float> expected, IReadOnlyList<float> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{what}: [{i}] is {actual[i]:R}, expected {expected[i]:R}");
    }

    private static void Exact(float[] expected, float[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.True(SameScore(expected[i], actual[i]), $"{what}: [{i}] is {actual[i]:R}, expected {expected[i]:R}");
    }

    // Where the kept sets differ, they may do so in entries of one score only, the smallest that either keeps.
    private static void ExceptAtBorder(float[] expected, float[] actual, string what)
    {
        float border = Math.Min(expected.Where(float.IsFinite).Min(), actual.Where(float.IsFinite).Min());
        for (int i = 0; i < expected.Length; i++)
        {
            bool atBorder = SameScore(border, Math.Max(expected[i], actual[i]));
            Assert.True(atBorder || SameScore(expected[i], actual[i]), $"{what}: [{i}] is {actual[i]:R}, expected {expected[i]:R}");
        }
    }

    private static bool SameScore(float expected, float actual) =>
        float.IsFinite(expected) ? Math.Abs(expected - actual) <= 1e-6 * Math.Abs(expected) : expected.Equals(actual);
}
