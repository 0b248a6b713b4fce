using System.Globalization;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Chat;

/// <summary>How a request wants tokens chosen.</summary>
internal static class ChatSampling
{
    /// <summary>What the request says; the rest is not given. Temperature 0 takes the most probable token, any other one draws.</summary>
    /// <exception cref="InvalidOptionException">A value is out of range.</exception>
    public static SamplingOptions Of(ChatOptions options)
    {
        (float frequency, float presence) = (options.FrequencyPenalty ?? 0, options.PresencePenalty ?? 0);
        return new SamplingOptions
        {
            DoSample = options.Temperature is { } temperature ? temperature != 0 : null,
            Temperature = options.Temperature is { } given and not 0 ? Exact(given) : null,
            TopP = options.TopP is { } topP ? Exact(topP) : null,
            TopK = options.TopK,
            LogitsProcessors = frequency == 0 && presence == 0 ? [] : [new RepeatPenalty(
                Finite(frequency, nameof(ChatOptions.FrequencyPenalty)), Finite(presence, nameof(ChatOptions.PresencePenalty)))],
        };
    }

    /// <summary>The number that was written: 0.7, not the float nearest to it.</summary>
    private static double Exact(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static float Finite(float value, string option) => float.IsFinite(value)
        ? value
        : throw new InvalidOptionException($"{nameof(ChatOptions)}.{option}", "must be a finite number.");
}
