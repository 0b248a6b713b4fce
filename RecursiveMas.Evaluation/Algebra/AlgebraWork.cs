namespace RecursiveMas.Algebra;

/// <summary>Bounds what one comparison may reckon, counted so that the same formulas always come to the same end.</summary>
internal static class AlgebraWork
{
    // Products of terms, or as many microseconds.
    private const long Most = 150_000;

    [ThreadStatic]
    private static long s_spent;

    /// <summary>Begins a comparison on this thread.</summary>
    public static void Begin() => s_spent = 0;

    /// <exception cref="AlgebraException">It takes too much.</exception>
    public static void Spend(long amount)
    {
        s_spent += amount;
        if (s_spent > Most)
            throw new AlgebraException("a formula that takes too long");
    }
}
