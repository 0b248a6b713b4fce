namespace RecursiveMas;

/// <summary>A step between a model's scores and the choice of the next token: it may forbid tokens, prefer some, or force a format.</summary>
/// <remarks>
/// Runs behind the repetition penalty and the minimum lengths and before temperature, top-k, top-p and min-p. Safe for concurrent calls and without a
/// state of its own: it is called for each token of each text, sometimes more than once for the same, on the thread that computes. Whatever else
/// computes on the device waits for it meanwhile, so it should be quick; asking a question or disposing of a system in it is a
/// <see cref="ReentrantCallException"/>.
/// </remarks>
public interface ILogitsProcessor
{
    /// <summary>Changes the scores of one position in place.</summary>
    /// <param name="context">What has been read and written so far.</param>
    /// <param name="logits">A score for each token id of the vocabulary; negative infinity makes a token impossible. At least one must stay finite.</param>
    void Process(LogitsContext context, Span<float> logits);
}

/// <summary>Where in its text a session stands when it chooses a token.</summary>
/// <param name="TokenIds">Ids of the prompt and of what was written so far. Of a prompt with spliced latent blocks there are none.</param>
/// <param name="NewTokens">How many of them were written.</param>
public readonly record struct LogitsContext(IReadOnlyList<int> TokenIds, int NewTokens)
{
    /// <summary>Ids of the prompt and of what was written so far. Empty in a default of the type.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<int> TokenIds { get => field ?? []; init => field = Shared.Given.NotNull(value, nameof(TokenIds)); } = Shared.Given.NotNull(TokenIds);
}
