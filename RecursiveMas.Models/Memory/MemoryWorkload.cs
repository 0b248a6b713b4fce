using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What a model will be asked to do, for an estimate of the memory that it takes.</summary>
/// <remarks>
/// The number of rounds does not matter: each round's prompt replaces that of the round before. Values below what is possible raise
/// <see cref="InvalidOptionException"/> where they are set.
/// </remarks>
public sealed record MemoryWorkload
{
    /// <summary>Questions at a time, B. Default: 1.</summary>
    public int BatchSize { get; init => field = Given.AtLeast(1, value, nameof(BatchSize)); } = 1;

    /// <summary>Positions of the longest prompt, latent blocks included. Default: 1024.</summary>
    public int PromptLength { get; init => field = Given.AtLeast(1, value, nameof(PromptLength)); } = 1024;

    /// <summary>Latent steps m; 0 if the model does not think. Default: 48.</summary>
    public int LatentSteps { get; init => field = Given.AtLeast(0, value, nameof(LatentSteps)); } = 48;

    /// <summary>Maximum number of new tokens; 0 if the model does not write. Default: 0.</summary>
    public int NewTokens { get; init => field = Given.AtLeast(0, value, nameof(NewTokens)); }
}
