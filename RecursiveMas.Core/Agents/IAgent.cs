using TorchSharp;

namespace RecursiveMas;

/// <summary>
/// One role of a system: something that reads prompts and writes text. An agent that also thinks in latent space is an <see cref="ILatentAgent"/>.
/// </summary>
/// <remarks>
/// The engine knows agents by this interface only, so an agent may be a local model, live in another process, or be a fake in a test.
/// All members are safe for concurrent calls; what a question leaves behind lives in its session.
/// </remarks>
public interface IAgent
{
    /// <summary>Name of the role, unique in its system, for example "planner".</summary>
    string Name { get; }

    /// <summary>Opens a session: this agent's part in one run.</summary>
    /// <param name="options">What is known of the run. Default: nothing.</param>
    /// <param name="cancellationToken">Ends the wait for a place, where an agent admits only so many sessions.</param>
    /// <returns>An empty session. An <see cref="ILatentAgent"/> returns an <see cref="ILatentSession"/>.</returns>
    ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// How many positions a prompt takes, and how many there are. The engine asks for every prompt of a run before the first agent begins, so that a question
    /// that is too long for any of them is refused at once.
    /// </summary>
    /// <param name="prompt">The prompt; what will fill its slots is not counted.</param>
    /// <returns>Null, the default, if the agent cannot tell beforehand: then only it itself refuses what is too long.</returns>
    PromptSize? Measure(AgentPrompt prompt) => null;
}

/// <summary>An agent whose sessions take latent steps and read latent blocks.</summary>
public interface ILatentAgent : IAgent
{
    /// <summary>Width d of the agent's input embeddings and hidden states; blocks that it receives have this width.</summary>
    int HiddenSize { get; }

    /// <summary>Element type of the agent's input embeddings; blocks are cast to it when they are spliced in.</summary>
    torch.ScalarType EmbeddingDtype { get; }

    /// <summary>The tokens that the agent's output head finds most likely for states of its own: a way to look into thoughts that were never written.</summary>
    /// <param name="states">States after the final norm, <c>[m, d]</c>; they stay the caller's.</param>
    /// <param name="tokens">Tokens for each state, at least 1.</param>
    /// <param name="cancellationToken">Ends the wait for the model.</param>
    /// <returns>For each state its tokens, best first. Null, the default, for agents that cannot tell.</returns>
    ValueTask<IReadOnlyList<IReadOnlyList<NearToken>>?> ReadOutAsync(LatentBlock states, int tokens, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<IReadOnlyList<NearToken>>?>(null);
}
