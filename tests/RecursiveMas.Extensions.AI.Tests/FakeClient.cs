using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>A hosted model without a model: says what a function says, word by word, and keeps what it was asked.</summary>
internal sealed class FakeClient(Func<IReadOnlyList<ChatMessage>, string> say) : IChatClient
{
    public List<(IReadOnlyList<ChatMessage> Messages, ChatOptions Options)> Asked { get; } = [];

    /// <summary>What follows the words.</summary>
    public Func<ChatResponseUpdate> Last { get; init; } = () => new ChatResponseUpdate
    {
        FinishReason = ChatFinishReason.Stop,
        Contents = [new UsageContent(new UsageDetails { InputTokenCount = 11, OutputTokenCount = 3, CachedInputTokenCount = 4 })],
    };

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ChatMessage> all = [.. messages];
        lock (Asked)
            Asked.Add((all, options!));
        foreach (string word in say(all).Split('|'))
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, word);
        }

        yield return Last();
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
