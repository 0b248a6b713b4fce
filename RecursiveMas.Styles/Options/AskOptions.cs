namespace RecursiveMas;

/// <summary>Settings of one call; what is null comes from the system's options.</summary>
/// <remarks>Read when the call is made; later changes have no effect on it.</remarks>
public sealed record AskOptions : RunOptions
{
    /// <summary>
    /// Questions of one call of <see cref="MasSystem"/>'s AskManyAsync that run at once, at least 1. Default: <see cref="MasOptions.MaxConcurrency"/>.
    /// </summary>
    public int? MaxConcurrency { get; set; }

    /// <summary>
    /// Seeds of further answers that are drawn from the same thoughts, see <see cref="MasAnswer.Alternatives"/>. Default: null, none.
    /// </summary>
    public IReadOnlyList<long>? AlternativeSeeds { get; set; }
}
