namespace RecursiveMas.Catalogue;

/// <summary>Sizes of released link files: bfloat16 tensors and a fixed share of the container.</summary>
internal static class LinkSizes
{
    private const int BytesPerValue = 2;
    private const long InnerContainer = 3_213;
    private const long OuterContainer = 4_309;

    /// <summary>An inner link of width d: two [d, d] projections with biases, two norms.</summary>
    public static long Inner(long d) => (BytesPerValue * ((2 * d * d) + (6 * d))) + InnerContainer;

    /// <summary>An outer link: projections [2 out, in], [out, 2 out] and [out, in] with biases, a norm on each side.</summary>
    public static long Outer(long input, long output) =>
        (BytesPerValue * ((3 * input * output) + (2 * output * output) + (4 * output) + (2 * input) + (2 * output))) + OuterContainer;
}
