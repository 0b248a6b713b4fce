using Microsoft.Extensions.AI;
using RecursiveMas.Agents;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>
/// An agent that is a chat client: a hosted model, or any other <see cref="IChatClient"/>, plays a role in a system on the text channel.
/// </summary>
/// <remarks>
/// The client is sent the prompt's system text and instructions as a system message, earlier turns of the conversation, and the user turn. How tokens are
/// chosen is sent as far as the abstractions have words for it; a setting without one is refused by name. A failure of the client is a
/// <see cref="ChatAgentException"/>. Immutable; safe for concurrent calls, as chat clients are.
/// </remarks>
public sealed class ChatAgent : IAgent
{
    private readonly IChatClient _client;
    private readonly ChatOptions _options;

    /// <summary>Makes an agent.</summary>
    /// <param name="name">Name of the role.</param>
    /// <param name="client">The client; it stays the caller's.</param>
    /// <param name="options">
    /// Options of every request, such as the model's id. What they say comes before what the run says; of two limits of tokens the lower one counts.
    /// Copied.
    /// </param>
    /// <exception cref="ArgumentNullException">Name or client is missing.</exception>
    public ChatAgent(string name, IChatClient client, ChatOptions? options = null)
    {
        Name = Given.NotNull(name);
        _client = Given.NotNull(client);
        _options = options?.Clone() ?? new ChatOptions();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>
    /// Whether the run's way of choosing tokens, temperature and the like, is sent. Some hosted models refuse such settings. Default: true.
    /// </summary>
    public bool SendSampling { get; init; } = true;

    /// <summary>
    /// What the client is told, as a message of the user, where it is to go on with a text that it has begun: behind the result of a tool, and in an answer
    /// pass. Null for clients that go on with a last message of the assistant by themselves. Default: a sentence in English.
    /// </summary>
    public string? GoOn { get; init; } = "Go on with your last message exactly where it ends. Do not repeat any of it.";

    /// <inheritdoc/>
    public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default) =>
        ChatAgentSession.OpenAsync(new ChatExchange(Name, _client, _options, SendSampling, GoOn), cancellationToken);
}
