namespace RecursiveMas;

/// <summary>How agents hand over what they thought.</summary>
public enum MasChannel
{
    /// <summary>Latent blocks through outer links. The default.</summary>
    Latent,

    /// <summary>Each agent writes text, and the text stands in the slot: the baseline, and a way to read along.</summary>
    Text,

    /// <summary>Control: slots stay empty and nobody thinks.</summary>
    None,

    /// <summary>Control: blocks of zeros.</summary>
    Zero,

    /// <summary>Control: Gaussian noise with the norm of each vector, seeded.</summary>
    Noise,

    /// <summary>Control: each question receives the blocks of its neighbour in the batch.</summary>
    Shuffled,
}

/// <summary>One run of the engine over a batch of questions.</summary>
public sealed record RunRequest
{
    /// <summary>The questions, at least one.</summary>
    public required IReadOnlyList<MasQuestion> Questions { get; init; }

    /// <summary>Where prompts come from.</summary>
    public required IPromptSource Prompts { get; init; }

    /// <summary>Number of rounds, at least 1.</summary>
    public required int Rounds { get; init; }

    /// <summary>Latent steps m of every rollout; 0 hands over empty blocks.</summary>
    public required int LatentSteps { get; init; }

    /// <summary>Most tokens of a text, at least 1.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>How agents hand over. Default: latent.</summary>
    public MasChannel Channel { get; init; } = MasChannel.Latent;

    /// <summary>Whether agents keep what they have read of a prompt before its first slot until they act again. Default: true.</summary>
    internal bool ReusePrefixes { get; init; } = true;

    /// <summary>Reads answers and sends writers back; null leaves texts as they are.</summary>
    internal Engine.IAnswerReader? Answers { get; init; }
}
