namespace RecursiveMas;

/// <summary>What a model will be asked to do, for an estimate of the memory that it takes.</summary>
/// <remarks>Rounds are no part of it: an agent reads each round's prompt over that of the round before.</remarks>
public sealed record MemoryWorkload
{
    /// <summary>Questions at a time, B. Default: 1.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Positions of the longest prompt, latent blocks included. Default: 1024.</summary>
    public int PromptLength { get; init; } = 1024;

    /// <summary>Latent steps m; 0 if the model does not think. Default: 48.</summary>
    public int LatentSteps { get; init; } = 48;

    /// <summary>Most new tokens; 0 if the model does not write. Default: 0.</summary>
    public int NewTokens { get; init; }
}
