using Microsoft.Extensions.AI;

namespace RecursiveMas.Chat;

/// <summary>What a question consumed, in the abstractions' terms.</summary>
internal static class ChatUsage
{
    /// <param name="usage">What was consumed.</param>
    /// <param name="reasoning">Tokens that agents wrote to each other.</param>
    public static UsageDetails Of(MasUsage usage, int reasoning)
    {
        int input = usage.PromptTokens - usage.SplicedVectors;
        return new UsageDetails
        {
            InputTokenCount = input,
            CachedInputTokenCount = Math.Min(usage.ReusedPositions, input),
            OutputTokenCount = usage.GeneratedTokens,
            ReasoningTokenCount = reasoning,
            TotalTokenCount = input + usage.GeneratedTokens,
            AdditionalCounts = new AdditionalPropertiesDictionary<long>
            {
                [MasChatProperties.LatentSteps] = usage.LatentVectors,
                [MasChatProperties.SplicedVectors] = usage.SplicedVectors,
            },
        };
    }

    public static ChatFinishReason Of(FinishReason finish) => finish == FinishReason.MaxNewTokens ? ChatFinishReason.Length : ChatFinishReason.Stop;
}
