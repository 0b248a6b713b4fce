using System.Collections.ObjectModel;

namespace RecursiveMas;

/// <summary>
/// One agent's part in one run: what it has read and written, and its key-value cache. It reads, thinks and writes in any order, as often as wanted;
/// everything stays in its context until it is read over.
/// </summary>
/// <remarks>
/// Serves one call at a time. Disposing frees the cache. After a call that failed or was cancelled, only disposing is allowed, unless the agent says
/// more.
/// </remarks>
public interface IAgentSession : IAsyncDisposable
{
    /// <summary>Positions that the session holds: tokens read and written, and latent vectors. 0, the default, for agents that do not count them.</summary>
    int Length => 0;

    /// <summary>Bytes of the session's cache at present. 0, the default, for agents that have none on this machine.</summary>
    long CacheBytes => 0;

    /// <summary>
    /// Makes the session hold this prompt and nothing else. What it shares with what was held before, from the start on, token by token and vector by vector,
    /// is kept; the session rewinds to there and reads the rest.
    /// </summary>
    /// <param name="prompt">The prompt, without slots.</param>
    /// <param name="cancellationToken">Checked before each chunk of the prompt.</param>
    /// <exception cref="PromptException">The prompt is empty or too long, or has a slot.</exception>
    Task<PromptRead> ReadAsync(AgentPrompt prompt, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads more behind what the session holds, for example a tool's result. An end-of-sequence token that was just written is dropped first.
    /// </summary>
    /// <param name="parts">Text and given text; no slots.</param>
    /// <param name="cancellationToken">Checked before each chunk.</param>
    /// <exception cref="PromptException">The parts are empty or too long, or hold a slot.</exception>
    Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default);

    /// <summary>Writes text behind what the session holds. The text becomes part of it.</summary>
    /// <param name="options">How to write and when to stop.</param>
    /// <param name="cancellationToken">Checked before each token. Leaving the loop early cancels too.</param>
    /// <returns>Pieces of text as they appear, and a last update that holds the whole text.</returns>
    /// <exception cref="PromptException">Nothing has been read yet, or the model has too few positions left.</exception>
    IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, CancellationToken cancellationToken = default);

    /// <summary>A session that goes its own way from here. Memory is shared until either of the two goes on.</summary>
    IAgentSession Fork();
}

/// <summary>A session that reads latent blocks and takes latent steps.</summary>
public interface ILatentSession : IAgentSession
{
    /// <summary>Makes the session hold this prompt and nothing else, as <see cref="IAgentSession.ReadAsync"/> does; its slots are filled by blocks.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="blocks">The block of each slot, by slot name: <c>[m, d]</c> with the agent's width d. They stay the caller's.</param>
    /// <param name="cancellationToken">Checked before each chunk of the prompt.</param>
    /// <exception cref="PromptException">The prompt is empty, too long, or its slots and the blocks do not match.</exception>
    /// <exception cref="GraphException">A block has another width than the agent needs.</exception>
    Task<PromptRead> ReadAsync(AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks, CancellationToken cancellationToken = default);

    Task<PromptRead> IAgentSession.ReadAsync(AgentPrompt prompt, CancellationToken cancellationToken) =>
        ReadAsync(prompt, ReadOnlyDictionary<string, LatentBlock>.Empty, cancellationToken);

    /// <summary>
    /// Takes latent steps behind what the session holds: the state at the last position goes through the inner link and is fed back as the next input
    /// embedding, m times.
    /// </summary>
    /// <param name="steps">Number of latent steps m, at least 1.</param>
    /// <param name="stepTaken">Called after each step with its number, from 1, on the thread that computes: it must be quick.</param>
    /// <param name="cancellationToken">Checked before each latent step.</param>
    /// <returns>The raw states and the mapped states; the caller disposes them.</returns>
    /// <exception cref="PromptException">Nothing has been read yet, or the model has too few positions left.</exception>
    /// <exception cref="GraphException">The agent has no inner link.</exception>
    Task<Thought> ThinkAsync(int steps, Action<int>? stepTaken = null, CancellationToken cancellationToken = default);
}

/// <summary>What is known of a run when a session is opened.</summary>
public sealed record SessionOptions
{
    /// <summary>Whether prompts will be read over, as later rounds do, so that places to rewind to are worth their memory. Default: true.</summary>
    public bool Rereads { get; init; } = true;
}

/// <summary>What reading a prompt took.</summary>
/// <param name="Positions">Length of the prompt in positions, blocks included.</param>
/// <param name="Reused">Positions of it that the session held already and did not read again.</param>
public readonly record struct PromptRead(int Positions, int Reused);
