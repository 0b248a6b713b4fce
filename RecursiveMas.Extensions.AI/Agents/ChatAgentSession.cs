using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Agents;

/// <summary>A session of a <see cref="ChatAgent"/>: that of an agent that is a function, with what the client says about each text.</summary>
internal sealed class ChatAgentSession : IAgentSession
{
    private readonly IAgentSession _text;
    private readonly ChatExchange _exchange;
    private AgentPrompt? _prompt;
    private string _behind = "";

    private ChatAgentSession(IAgentSession text, ChatExchange exchange) => (_text, _exchange) = (text, exchange);

    public static async ValueTask<IAgentSession> OpenAsync(ChatExchange exchange, CancellationToken cancellationToken = default) =>
        new ChatAgentSession(await new TextAgent(exchange.Agent, exchange.WriteAsync).OpenAsync(null, cancellationToken).ConfigureAwait(false), exchange);

    public async Task<PromptRead> ReadAsync(AgentPrompt prompt, CancellationToken cancellationToken = default)
    {
        PromptRead read = await _text.ReadAsync(prompt, cancellationToken).ConfigureAwait(false);
        (_prompt, _behind) = (prompt, "");
        return read;
    }

    public async Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default)
    {
        PromptRead read = await _text.AppendAsync(parts, cancellationToken).ConfigureAwait(false);
        _behind += string.Concat(parts.Select(part => part.Value));
        return read;
    }

    public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (WriteUpdate update in _text.WriteAsync(options, cancellationToken).ConfigureAwait(false))
        {
            _behind += update.Completed?.Text;
            yield return update.Completed is { } text ? update with { Completed = Noted(text) } : update;
        }
    }

    public IAgentSession Fork() => ForkAsync().GetAwaiter().GetResult();

    public ValueTask DisposeAsync() => _text.DisposeAsync();

    /// <summary>Nothing of this waits: a session without a model opens and reads at once.</summary>
    private async Task<IAgentSession> ForkAsync()
    {
        IAgentSession fork = await OpenAsync(_exchange.Again()).ConfigureAwait(false);
        if (_prompt is not null)
            await fork.ReadAsync(_prompt).ConfigureAwait(false);
        if (_behind.Length > 0)
            await fork.AppendAsync([PromptPart.Given(_behind)]).ConfigureAwait(false);
        return fork;
    }

    private WrittenText Noted(WrittenText text) => text with
    {
        Finish = text.Finish == FinishReason.EndOfSequence && _exchange.WasCut ? FinishReason.MaxNewTokens : text.Finish,
        TokenCount = (int?)_exchange.Usage?.OutputTokenCount,
        PromptRead = _exchange.Usage is { InputTokenCount: { } input } usage ? new PromptRead((int)input, (int)(usage.CachedInputTokenCount ?? 0)) : null,
    };
}
