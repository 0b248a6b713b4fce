using TorchSharp;

namespace RecursiveMas;

/// <summary>One role of a system: something that can think in latent space, write text, or both.</summary>
/// <remarks>
/// The engine knows agents by this interface only, so an agent may be a local model, live in another process, or be a fake in a test.
/// All members are safe for concurrent calls; calls that share a device are served in order of arrival.
/// Blocks handed in stay the caller's; blocks handed out are the caller's to dispose.
/// </remarks>
public interface IAgent
{
    /// <summary>Name of the role, unique in its system, for example "planner".</summary>
    string Name { get; }

    /// <summary>Width d of the agent's input embeddings and hidden states; blocks that it receives have this width.</summary>
    int HiddenSize { get; }

    /// <summary>Element type of the agent's input embeddings; blocks are cast to it when they are spliced in.</summary>
    torch.ScalarType EmbeddingDtype { get; }

    /// <summary>
    /// How many positions a prompt takes, and how many there are. The engine asks for every prompt of a run before the first agent begins, so that a question
    /// that is too long for any of them is refused at once.
    /// </summary>
    /// <param name="prompt">The prompt; what will fill its slots is not counted.</param>
    /// <returns>Null, the default, if the agent cannot tell beforehand: then only it itself refuses what is too long.</returns>
    PromptSize? Measure(AgentPrompt prompt) => null;

    /// <summary>Reads the prompts and takes latent steps: each state goes through the inner link and is fed back as the next input embedding.</summary>
    /// <param name="request">Prompts, blocks for their slots, and the number of steps (at least 1).</param>
    /// <param name="cancellationToken">Checked at each latent step.</param>
    /// <returns>The raw states and the mapped states, each <c>[B, m, d]</c>; the caller disposes them.</returns>
    /// <exception cref="PromptException">A prompt is empty, too long, or its slots and the blocks do not match.</exception>
    /// <exception cref="GraphException">A block has another width or batch size than the agent needs, or the agent cannot think.</exception>
    Task<Thought> ThinkAsync(ThinkRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads the prompts and writes text.</summary>
    /// <param name="request">Prompts, blocks for their slots, and how to decode.</param>
    /// <param name="cancellationToken">Checked at each token.</param>
    /// <returns>Pieces of text as they appear, and for each row a last update that holds its whole text.</returns>
    /// <exception cref="PromptException">A prompt is empty, too long, or its slots and the blocks do not match.</exception>
    /// <exception cref="GraphException">A block has another width or batch size than the agent needs.</exception>
    IAsyncEnumerable<WriteUpdate> WriteAsync(WriteRequest request, CancellationToken cancellationToken = default);
}
