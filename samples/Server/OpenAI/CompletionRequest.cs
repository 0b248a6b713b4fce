using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Server.OpenAI;

/// <summary>The body of a request for a chat completion. Every parameter is met or refused by name; null is the same as absent.</summary>
/// <param name="Model">Name of the system.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">Settings.</param>
/// <param name="Stream">Whether the answer is streamed.</param>
/// <param name="IncludeUsage">Whether the stream ends with the usage.</param>
internal sealed record CompletionRequest(string Model, IReadOnlyList<ChatMessage> Messages, ChatOptions Options, bool Stream, bool IncludeUsage)
{
    // They say who asks or what for, and change nothing of an answer.
    private static readonly string[] s_labels = ["user", "safety_identifier", "prompt_cache_key", "metadata"];

    /// <exception cref="ApiException">A parameter is unknown, cannot be met, or has an impossible value.</exception>
    public static CompletionRequest Read(JsonElement body, ServerOptions limits)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw ApiException.BadRequest("invalid_type", "The body must be a JSON object.");
        var options = new ChatOptions { AdditionalProperties = [] };
        string? model = null;
        IReadOnlyList<ChatMessage>? messages = null;
        bool stream = false, includeUsage = false;
        foreach (JsonProperty property in body.EnumerateObject())
        {
            var value = new Parameter(property.Name, property.Value);
            if (value.IsNull || s_labels.Contains(property.Name))
                continue;
            switch (property.Name)
            {
                case "model": model = value.Text(); break;
                case "messages": messages = MessageReader.Read(value); break;
                case "stream": stream = value.Flag(); break;
                case "stream_options": includeUsage = StreamOptions(value); break;
                case "temperature": options.Temperature = value.Number(0, 2); break;
                case "top_p": options.TopP = value.Number(0, 1); break;
                case "frequency_penalty": options.FrequencyPenalty = value.Number(-2, 2); break;
                case "presence_penalty": options.PresencePenalty = value.Number(-2, 2); break;
                case "max_tokens" or "max_completion_tokens": options.MaxOutputTokens = (int)value.Whole(1, int.MaxValue); break;
                case "seed": options.Seed = value.Whole(long.MinValue, long.MaxValue); break;
                case "stop": options.StopSequences = value.Texts(4); break;
                case "recursivemas": ReadOwn(value, options); break;
                default: Harmless(value); break;
            }
        }

        if (includeUsage && !stream)
            throw ApiException.BadRequest("invalid_value", "'stream_options' is for streams only. Leave it out, or set 'stream'.", "stream_options");
        limits.Require(
            (int?)options.AdditionalProperties.GetValueOrDefault(MasChatProperties.Rounds),
            (int?)options.AdditionalProperties.GetValueOrDefault(MasChatProperties.LatentSteps),
            options.MaxOutputTokens);
        return new CompletionRequest(Needed(model, "model"), Needed(messages, "messages"), options, stream, includeUsage);
    }

    private static T Needed<T>(T? value, string name)
        where T : class => value ?? throw ApiException.BadRequest("missing_required_parameter", $"The parameter '{name}' is missing.", name);

    private static bool StreamOptions(Parameter options)
    {
        bool usage = false;
        foreach (Parameter inner in options.Members())
        {
            if (inner.Is("stream_options.include_usage"))
                usage = inner.Flag();
            // It pads chunks against listeners on the way; there is nothing to pad on one's own machine.
            else if (!inner.Is("stream_options.include_obfuscation"))
                throw inner.Unknown();
        }

        return usage;
    }

    /// <summary>What only these models have.</summary>
    private static void ReadOwn(Parameter own, ChatOptions options)
    {
        foreach (Parameter inner in own.Members())
        {
            switch (inner.Name)
            {
                case "recursivemas.rounds" or "recursivemas.latent_steps": options.AdditionalProperties![inner.Name] = (int)inner.Whole(0, int.MaxValue); break;
                case "recursivemas.kind" or "recursivemas.channel": options.AdditionalProperties![inner.Name] = inner.Text(); break;
                case "recursivemas.answer_pass": options.AdditionalProperties![inner.Name] = inner.Flag(); break;
                case "recursivemas.top_k": options.TopK = (int)inner.Whole(1, int.MaxValue); break;
                default: throw inner.Unknown();
            }
        }
    }

    /// <summary>Parameters that are not met pass where they ask for what happens anyway.</summary>
    private static void Harmless(Parameter value)
    {
        bool harmless = value.Name switch
        {
            "n" => value.IsWhole(1),
            "logprobs" or "store" => value.IsFlag(false),
            "parallel_tool_calls" => value.IsFlag(true) || value.IsFlag(false),
            "tools" or "functions" or "logit_bias" => value.IsEmpty,
            "tool_choice" or "function_call" => value.IsText("auto") || value.IsText("none"),
            "response_format" => value.Members().All(inner => inner.Is("response_format.type") && inner.IsText("text")),
            "modalities" => value.Texts(1) is ["text"],
            "service_tier" => value.IsText("auto") || value.IsText("default"),
            "top_logprobs" or "audio" or "prediction" or "reasoning_effort" or "verbosity" or "web_search_options" => false,
            _ => throw value.Unknown(),
        };
        if (!harmless)
            throw ApiException.BadRequest(
                "unsupported_parameter",
                $"The parameter '{value.Name}' is not supported, or not with this value. Leave it out." + Instead(value.Name),
                value.Name);
    }

    private static string Instead(string name) =>
        name == "reasoning_effort" ? " How much agents think is said by 'recursivemas': { \"rounds\": …, \"latent_steps\": … }." : "";
}
