using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Server.OpenAI;

/// <summary>A completion in pieces, all of one id.</summary>
/// <param name="model">Name of the system.</param>
/// <param name="includeUsage">Whether the usage comes in a piece of its own at the end.</param>
internal sealed class Completion(string model, bool includeUsage)
{
    private readonly string _id = NewId();
    private readonly long _created = Now();

    /// <summary>The whole completion.</summary>
    public static object Whole(string model, ChatResponse response) => new
    {
        id = NewId(),
        @object = "chat.completion",
        created = Now(),
        model,
        choices = new[]
        {
            new
            {
                index = 0,
                message = new { role = "assistant", content = response.Text, refusal = (string?)null },
                logprobs = (object?)null,
                finish_reason = response.FinishReason?.Value ?? "stop",
            },
        },
        usage = response.Usage is { } usage ? UsageOf(usage) : null,
    };

    /// <summary>The piece that says who speaks.</summary>
    public JsonObject First() => Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" }, null);

    /// <summary>The pieces of an update: its text, and with the last one how it ended.</summary>
    public IEnumerable<JsonObject> Of(ChatResponseUpdate update)
    {
        if (update.Text.Length > 0)
            yield return Chunk(new JsonObject { ["content"] = update.Text }, null);
        if (update.FinishReason is not { } finish)
            yield break;
        yield return Chunk([], finish.Value);
        if (!includeUsage || update.Contents.OfType<UsageContent>().FirstOrDefault() is not { } usage)
            yield break;
        JsonObject last = Chunk([], null);
        last["choices"] = new JsonArray();
        last["usage"] = JsonSerializer.SerializeToNode(UsageOf(usage.Details));
        yield return last;
    }

    private JsonObject Chunk(JsonObject delta, string? finish)
    {
        var choice = new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish };
        var chunk = new JsonObject
        {
            ["id"] = _id, ["object"] = "chat.completion.chunk", ["created"] = _created, ["model"] = model, ["choices"] = new JsonArray(choice),
        };
        // Who wants the usage finds its place in every piece.
        if (includeUsage)
            chunk["usage"] = null;
        return chunk;
    }

    private static object UsageOf(UsageDetails usage) => new
    {
        prompt_tokens = usage.InputTokenCount ?? 0,
        completion_tokens = usage.OutputTokenCount ?? 0,
        total_tokens = usage.TotalTokenCount ?? 0,
        prompt_tokens_details = new { cached_tokens = usage.CachedInputTokenCount ?? 0 },
        completion_tokens_details = new { reasoning_tokens = usage.ReasoningTokenCount ?? 0 },
        recursivemas = new { latent_steps = usage.AdditionalCounts?.GetValueOrDefault(MasChatProperties.LatentSteps) ?? 0 },
    };

    private static string NewId() => $"chatcmpl-{Guid.NewGuid():N}";

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();
}
