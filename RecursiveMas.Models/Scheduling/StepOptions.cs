namespace RecursiveMas;

/// <summary>Limits of one step of a model.</summary>
public sealed record StepOptions
{
    /// <summary>
    /// Maximum number of prompt positions read in one step, at least 1. Long prompts are read in chunks of this size, so that no session waits longer than
    /// such a step for another session's prompt; several prompts share it evenly. Default: null, which is 512 on a CPU and 4,096 on other devices.
    /// </summary>
    public int? PromptPositions { get; init; }

    /// <summary>Maximum number of sessions in one step, at least 1; more take turns. Default: 64.</summary>
    public int Sessions { get; init; } = 64;

    /// <exception cref="InvalidOptionException">A number is below 1.</exception>
    internal void Validate()
    {
        if (PromptPositions < 1)
            throw new InvalidOptionException(nameof(PromptPositions), $"{PromptPositions} is not possible; at least 1 is needed.");
        if (Sessions < 1)
            throw new InvalidOptionException(nameof(Sessions), $"{Sessions} is not possible; at least 1 is needed.");
    }
}
