using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using RecursiveMas.Chat;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>A system as a chat client: the last user message is the question, and what the system's writer writes is the response.</summary>
/// <remarks>
/// <para>
/// Whatever a request asks for is met or refused with an <see cref="InvalidOptionException"/> that names the option; nothing is passed over. Settings that
/// only this client has are <see cref="MasChatProperties"/> in <see cref="ChatOptions.AdditionalProperties"/>, or an <see cref="AskOptions"/> made by
/// <see cref="ChatOptions.RawRepresentationFactory"/>.
/// </para>
/// <para>
/// Every agent reads the conversation as turns of its chat template: system messages in its system turn, earlier messages between that and the prompt of its
/// role, which holds the question. Messages of one speaker that follow each other are one turn.
/// </para>
/// <para>All members are safe for concurrent calls. Disposing the client leaves the system as it is.</para>
/// </remarks>
public sealed class MasChatClient : IChatClient
{
    private readonly MasSystemSource? _source;
    private readonly MasChatClientOptions _options;
    private readonly ChatClientMetadata _metadata;
    private MasSystem? _system;

    /// <summary>Makes a client of a system.</summary>
    /// <param name="system">The system; it stays the caller's.</param>
    /// <param name="options">How to ask it.</param>
    /// <exception cref="ArgumentNullException">There is no system.</exception>
    public MasChatClient(MasSystem system, MasChatClientOptions? options = null)
        : this(options, Given.NotNull(system).Style.Name) => _system = system;

    /// <summary>Makes a client of a system that a host loads: a request waits until it is loaded.</summary>
    /// <param name="source">Hands out the system; it stays the caller's.</param>
    /// <param name="options">How to ask it. Without <see cref="MasChatClientOptions.ModelId"/> the model's id is <see cref="MasSystemSource.Name"/>.</param>
    /// <exception cref="ArgumentNullException">There is no source.</exception>
    public MasChatClient(MasSystemSource source, MasChatClientOptions? options = null)
        : this(options, Given.NotNull(source).Name) => _source = source;

    private MasChatClient(MasChatClientOptions? options, string name)
    {
        _options = options ?? new MasChatClientOptions();
        ModelId = _options.ModelId ?? name;
        _metadata = new ChatClientMetadata("recursivemas", providerUri: null, ModelId);
    }

    private string ModelId { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionException">The request asks for what the system cannot do; the message names it.</exception>
    /// <exception cref="RecursiveMasException">The conversation has no question or is too long, or something went wrong.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatRequest request = Read(messages, options);
        var reply = new ChatReply(ModelId, progress: false, request.ShowsReasoning);
        var updates = new List<ChatResponseUpdate>();
        MasAnswer? answer = null;
        await foreach (MasUpdate happened in AskAsync(request, cancellationToken).ConfigureAwait(false))
        {
            answer = (happened as AnswerReady)?.Answer ?? answer;
            if (reply.Of(happened) is not { } update)
                continue;
            // Who wrote each piece of text means nothing for the whole.
            if (happened is not AnswerReady)
                update.AdditionalProperties = null;
            updates.Add(update);
        }

        ChatResponse response = updates.ToChatResponse();
        response.RawRepresentation = answer;
        response.AdditionalProperties = updates[^1].AdditionalProperties;
        return response;
    }

    /// <summary>Sends messages and streams the response: text, and what agents do meanwhile. The last update has finish reason and usage.</summary>
    /// <param name="messages">The conversation; it ends with a message of the user.</param>
    /// <param name="options">Settings of the request.</param>
    /// <param name="cancellationToken">Checked at each latent step and each token. Leaving the loop early cancels too.</param>
    /// <exception cref="ArgumentNullException">There are no messages.</exception>
    /// <exception cref="InvalidOptionException">The request asks for what the system cannot do; the message names it.</exception>
    /// <exception cref="RecursiveMasException">The conversation has no question or is too long, or something went wrong.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Read(messages, options), cancellationToken);

    /// <inheritdoc/>
    /// <returns>
    /// Without a key: the client itself, its <see cref="ChatClientMetadata"/>, and once it is loaded its <see cref="MasSystem"/>, or that system's
    /// <see cref="StyleDefinition"/>.
    /// </returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(MasSystem) ? Loaded
            : serviceType == typeof(StyleDefinition) ? Loaded?.Style
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the system stays its owner's.</summary>
    public void Dispose()
    {
    }

    private ChatRequest Read(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        ChatRequest.Read(Given.NotNull(messages), options, this, _options, ModelId);

    private MasSystem? Loaded => _system ?? (_source?.TryGet(out MasSystem? system) == true ? system : null);

    private async IAsyncEnumerable<MasUpdate> AskAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MasSystem system = _system ??= await _source!.GetAsync(cancellationToken).ConfigureAwait(false);
        await foreach (MasUpdate happened in system
            .AskStreamingAsync(request.QuestionFor(system, _options.Kind), request.Options, cancellationToken).ConfigureAwait(false))
            yield return happened;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reply = new ChatReply(ModelId, _options.ReportProgress, request.ShowsReasoning);
        await foreach (MasUpdate happened in AskAsync(request, cancellationToken).ConfigureAwait(false))
        {
            if (reply.Of(happened) is { } update)
                yield return update;
        }
    }
}
