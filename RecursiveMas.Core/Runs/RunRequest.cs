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

    /// <summary>Control: each question receives the blocks of another that runs beside it.</summary>
    Shuffled,
}

/// <summary>One run of the engine: one question on its way through the schedule.</summary>
public sealed record RunRequest
{
    /// <summary>The question.</summary>
    public required MasQuestion Question { get; init; }

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

    /// <summary>With <see cref="MasChannel.Shuffled"/> the questions that run beside this one. Default: none, so that the question receives its own blocks.</summary>
    public ShuffledNeighbours? Neighbours { get; init; }

    /// <summary>The question's place among <see cref="Neighbours"/>, from 0.</summary>
    public int Place { get; init; }

    /// <summary>Reads answers and sends writers back. Default: texts stay as they are.</summary>
    public IAnswerReader? Answers { get; init; }
}
