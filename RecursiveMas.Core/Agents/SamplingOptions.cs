namespace RecursiveMas;

/// <summary>How tokens are chosen.</summary>
public sealed record SamplingOptions
{
    /// <summary>Seed.</summary>
    public long? Seed { get; init; }
}
