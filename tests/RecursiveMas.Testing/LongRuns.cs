namespace RecursiveMas.Testing;

/// <summary>How often a test repeats something: enough to see a fault, or at length where RECURSIVEMAS_LONG is set to 1.</summary>
public static class LongRuns
{
    public const string Variable = "RECURSIVEMAS_LONG";

    public static bool Wanted { get; } = Environment.GetEnvironmentVariable(Variable) == "1";

    public static int Count(int usually, int atLength) => Wanted ? atLength : usually;
}
