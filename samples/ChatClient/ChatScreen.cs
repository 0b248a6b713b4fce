using Microsoft.Extensions.AI;

namespace RecursiveMas.ChatClientSample;

/// <summary>Shows a response while it comes: a line for each agent that thinks, with a dot for each latent step, then the text.</summary>
internal static class ChatScreen
{
    public static async Task ShowAsync(IChatClient client, string question, TextWriter output, CancellationToken cancellationToken = default)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, cancellationToken: cancellationToken))
        {
            updates.Add(update);
            await output.WriteAsync(update.AdditionalProperties?[MasChatProperties.Event] switch
            {
                "stage_started" => $"round {Of(update, MasChatProperties.Round)}, {Of(update, MasChatProperties.Role)}: ",
                "latent_step" => ".",
                "hop" => $" to {Of(update, MasChatProperties.To)}\n",
                _ => update.Text,
            });
            await output.FlushAsync(cancellationToken);
        }

        UsageDetails usage = updates.ToChatResponse().Usage!;
        await output.WriteLineAsync(
            $"\n{usage.InputTokenCount} tokens read, {usage.CachedInputTokenCount} of them from caches, {usage.OutputTokenCount} written, " +
            $"{usage.AdditionalCounts![MasChatProperties.LatentSteps]} latent steps");
    }

    private static object? Of(ChatResponseUpdate update, string name) => update.AdditionalProperties![name];
}
