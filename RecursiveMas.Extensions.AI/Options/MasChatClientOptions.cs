using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How a <see cref="MasChatClient"/> asks its system.</summary>
public sealed record MasChatClientOptions
{
    /// <summary>Id of the model in metadata and responses, and the only one that a request may name. Default: null, the name of the system's style.</summary>
    public string? ModelId { get; init; }

    /// <summary>
    /// Kind of the questions. A request can say otherwise by <see cref="MasChatProperties.Kind"/>. Default: null, <see cref="TaskKind.Free"/> where every agent
    /// has prompts for it, else the first of <see cref="MasSystem.Kinds"/>.
    /// </summary>
    /// <exception cref="InvalidOptionException">There is no such kind.</exception>
    public TaskKind? Kind { get; init => field = value is { } kind ? Given.Defined(kind, nameof(Kind)) : null; }

    /// <summary>
    /// Whether streams hold updates without text that say what agents do: stages, latent steps, hops. Text comes with the agent's role and round in either
    /// case. Default: true.
    /// </summary>
    public bool ReportProgress { get; init; } = true;

    /// <summary>
    /// Names of additional properties of requests that are meant for others, such as middleware, and passed over. Any other name that is not one of
    /// <see cref="MasChatProperties"/> is refused. Default: none.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<string> IgnoredProperties { get; init => field = Given.AllNotNull(value, nameof(IgnoredProperties)); } = [];
}
