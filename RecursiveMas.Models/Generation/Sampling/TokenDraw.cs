namespace RecursiveMas.Generation.Sampling;

internal static class TokenDraw
{
    /// <summary>
    /// Index drawn in proportion to the weights by inversion: the first whose cumulative sum exceeds u times the total. A weight of 0 is never drawn.
    /// </summary>
    /// <param name="weights">Not negative, not all 0.</param>
    /// <param name="u">In [0, 1).</param>
    public static int Index(ReadOnlySpan<float> weights, double u)
    {
        double total = 0;
        foreach (float weight in weights)
            total += weight;
        double target = u * total, sum = 0;
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            sum += weights[i];
            if (sum > target)
                return i;
            last = i;
        }

        return last;
    }
}
