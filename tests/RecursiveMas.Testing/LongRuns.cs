namespace RecursiveMas.Testing;

/// <summary>
/// How often a test repeats something: enough to see a fault, or at length where RECURSIVEMAS_LONG is set to 1. Another number is a multiple of enough.
/// </summary>
public static class LongRuns
{
    public const string Variable = "RECURSIVEMAS_LONG";

    private static readonly int s_factor = int.TryParse(Environment.GetEnvironmentVariable(Variable), out int factor) ? Math.Max(factor, 0) : 0;

    public static bool Wanted => s_factor == 1;

    public static int Count(int usually, int atLength) => Wanted ? atLength : Math.Min(atLength, usually * Math.Max(s_factor, 1));
}
