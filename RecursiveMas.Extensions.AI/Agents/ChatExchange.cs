using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Agents;

/// <summary>Lets a chat client write one text after another, and notes how the last one ended and what it took.</summary>
/// <param name="agent">Name of the agent.</param>
/// <param name="client">The client.</param>
/// <param name="options">Options of every request.</param>
/// <param name="sendSampling">Whether the run's way of choosing tokens is sent.</param>
/// <param name="goOn">What the client is told where it goes on with a text; null for nothing.</param>
internal sealed class ChatExchange(string agent, IChatClient client, ChatOptions options, bool sendSampling, string? goOn)
{
    public string Agent => agent;

    /// <summary>Whether the last text was cut off at its limit.</summary>
    public bool WasCut { get; private set; }

    /// <summary>What the last text took; null if the client did not say.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>The same for another session.</summary>
    public ChatExchange Again() => new(agent, client, options, sendSampling, goOn);

    /// <exception cref="ChatAgentException">The client failed, or ended the text for a reason that no answer can be made of.</exception>
    public async IAsyncEnumerable<string> WriteAsync(TextRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (WasCut, Usage) = (false, null);
        IAsyncEnumerator<ChatResponseUpdate> updates = Guard(
            () => client.GetStreamingResponseAsync(Messages(request), Options(request.Options), cancellationToken).GetAsyncEnumerator(cancellationToken));
        await using (updates.ConfigureAwait(false))
        {
            while (await NextAsync(updates, cancellationToken).ConfigureAwait(false))
            {
                Note(updates.Current);
                if (updates.Current.Text is { Length: > 0 } text)
                    yield return text;
            }
        }
    }

    private void Note(ChatResponseUpdate update)
    {
        foreach (AIContent content in update.Contents)
        {
            if (content is UsageContent usage)
                (Usage ??= new UsageDetails()).Add(usage.Details);
            else if (content is ErrorContent error)
                throw new ChatAgentException(agent, $"reported an error: {error.Message}");
            else if (content is FunctionCallContent { InformationalOnly: false } call)
                throw new ChatAgentException(
                    agent, $"asked for the function '{call.Name}', which nobody calls here. Use function invocation in the client's pipeline.");
        }

        WasCut |= update.FinishReason == ChatFinishReason.Length;
        if (update.FinishReason == ChatFinishReason.ContentFilter)
            throw new ChatAgentException(agent, "withheld its text by a content filter.");
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (IsFault(error, cancellationToken))
        {
            throw Failed(error);
        }
    }

    private IAsyncEnumerator<ChatResponseUpdate> Guard(Func<IAsyncEnumerator<ChatResponseUpdate>> begin)
    {
        try
        {
            return begin();
        }
        catch (Exception error) when (IsFault(error, CancellationToken.None))
        {
            throw Failed(error);
        }
    }

    private static bool IsFault(Exception error, CancellationToken cancellationToken) =>
        error is not RecursiveMasException && !(error is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private ChatAgentException Failed(Exception error) => new(agent, $"failed: {error.Message}", error);

    private List<ChatMessage> Messages(TextRequest request)
    {
        AgentPrompt prompt = request.Prompt;
        var messages = new List<ChatMessage>();
        string system = string.Join("\n\n", new[] { prompt.System, prompt.Instructions }.Where(text => !string.IsNullOrEmpty(text)));
        if (system.Length > 0)
            messages.Add(new ChatMessage(ChatRole.System, system));
        messages.AddRange(prompt.History.Select(
            turn => new ChatMessage(turn.Role == MasTurnRole.User ? ChatRole.User : ChatRole.Assistant, turn.Text)));
        messages.Add(new ChatMessage(ChatRole.User, prompt.UserText));
        if (request.Written.Length == 0)
            return messages;
        messages.Add(new ChatMessage(ChatRole.Assistant, request.Written));
        if (goOn is not null)
            messages.Add(new ChatMessage(ChatRole.User, goOn));
        return messages;
    }

    private ChatOptions Options(WriteOptions write)
    {
        ChatOptions all = options.Clone();
        all.MaxOutputTokens = Math.Min(write.MaxNewTokens, all.MaxOutputTokens ?? int.MaxValue);
        all.Seed ??= write.Seed;
        if (write.StopSequences.Count > 0)
            all.StopSequences = [.. all.StopSequences ?? [], .. write.StopSequences];
        if (!sendSampling)
            return all;
        SamplingOptions sampling = write.Sampling;
        RequireSendable(sampling);
        all.Temperature ??= sampling.DoSample == false ? 0 : (float?)sampling.Temperature;
        all.TopP ??= (float?)sampling.TopP;
        all.TopK ??= sampling.TopK;
        return all;
    }

    private void RequireSendable(SamplingOptions sampling)
    {
        string? unsendable = sampling.MinP is > 0 ? nameof(SamplingOptions.MinP)
            : sampling.RepetitionPenalty is not (null or 1) ? nameof(SamplingOptions.RepetitionPenalty)
            : sampling.MinNewTokens is > 0 ? nameof(SamplingOptions.MinNewTokens)
            : sampling.MinLength is > 0 ? nameof(SamplingOptions.MinLength)
            : sampling.LogitsProcessors.Count > 0 ? nameof(SamplingOptions.LogitsProcessors)
            : null;
        if (unsendable is not null)
        {
            throw new InvalidOptionException(
                unsendable,
                $"cannot be sent to the chat client of '{agent}'. Leave it out, or set {nameof(ChatAgent)}.{nameof(ChatAgent.SendSampling)} to false.");
        }
    }
}
