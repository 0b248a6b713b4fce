using Microsoft.Extensions.AI;

namespace RecursiveMas.Chat;

/// <summary>Refuses what a request asks for and the system cannot do. Permissions that nobody makes use of, such as several calls at once, are met.</summary>
internal static class UnmetOptions
{
    /// <exception cref="InvalidOptionException">An option cannot be met; the message names it and what can be done.</exception>
    public static void Refuse(ChatOptions options, string modelId)
    {
        if (options.ModelId is { } model && model != modelId)
            throw new InvalidOptionException(nameof(ChatOptions.ModelId), $"'{model}' is not served here; this client has one model, '{modelId}'.");
        if (options.ConversationId is not null)
            throw Unmet(nameof(ChatOptions.ConversationId), "conversations are not stored. Send their messages with each request, and leave it null.");
        if (options.ContinuationToken is not null)
            throw Unmet(nameof(ChatOptions.ContinuationToken), "responses do not run in the background, so there is none to go on with.");
        if (options.ResponseFormat is not (null or ChatResponseFormatText))
            throw Unmet(nameof(ChatOptions.ResponseFormat), "only text is written; JSON cannot be enforced. Ask for it in words, or leave the option null.");
        if (options.Tools is { Count: > 0 } tools)
        {
            throw Unmet(
                nameof(ChatOptions.Tools),
                $"tools of a request ({string.Join(", ", tools.Select(tool => tool.Name))}) are not called. Register them with the system: " +
                $"{nameof(MasOptions)}.{nameof(RunOptions.Tools)} takes an {nameof(AIFunction)} as an AIFunctionTool.");
        }

        if (options.ToolMode is RequiredChatToolMode)
            throw Unmet(nameof(ChatOptions.ToolMode), "a call cannot be enforced. Use Auto, or None to keep the agents from their tools.");
        if (options.Reasoning?.Effort is { } effort)
        {
            throw Unmet(
                nameof(ChatOptions.Reasoning),
                $"the effort {effort} has no counterpart. How much agents think is said by {MasChatProperties.Rounds} and {MasChatProperties.LatentSteps} " +
                $"in {nameof(ChatOptions.AdditionalProperties)}.");
        }

        if (options.Reasoning?.Output is ReasoningOutput.Summary)
            throw Unmet(nameof(ChatOptions.Reasoning), "reasoning is not summarised. Ask for Full or None.");
    }

    private static InvalidOptionException Unmet(string option, string reason) => new($"{nameof(ChatOptions)}.{option}", reason);
}
