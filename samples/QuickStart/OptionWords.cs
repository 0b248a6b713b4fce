using System.Text.RegularExpressions;

namespace RecursiveMas.QuickStart;

/// <summary>Messages of the library with its options as the command line calls them.</summary>
internal static partial class OptionWords
{
    private static readonly Dictionary<string, string> s_options = new(StringComparer.Ordinal)
    {
        ["nameOrFolder"] = "--system",
        [nameof(MasOptions.Folder)] = "--system",
        [nameof(MasOptions.Style)] = "--style",
        [nameof(MasOptions.Rounds)] = "--rounds",
        [nameof(MasOptions.LatentSteps)] = "--latent-steps",
        [nameof(MasOptions.MaxNewTokens)] = "--max-new-tokens",
        [nameof(MasOptions.Channel)] = "--channel",
        [nameof(MasOptions.ReadOutTokens)] = "--read-out",
        [nameof(MasOptions.Device)] = "--device",
        [nameof(MasOptions.Dtype)] = "--dtype",
        [nameof(MasOptions.Weights)] = "--weights",
        [nameof(MasOptions.Residency)] = "--residency",
        [nameof(MasOptions.MemoryCheck)] = "--memory-check",
        [nameof(MasOptions.Offline)] = "--offline",
    };

    public static string Of(RecursiveMasException error)
    {
        string message = error is InvalidOptionException { Option: var option } && s_options.TryGetValue(option, out string? name)
            ? name + error.Message[option.Length..]
            : error.Message;
        return Of(message);
    }

    public static string Of(string message) => Mention().Replace(message, mention =>
    {
        if (!s_options.TryGetValue(mention.Groups["option"].Value, out string? name))
            return mention.Value;
        return mention.Groups["value"] is { Success: true, Value: var value }
            ? $"{name} {(value == nameof(ModelResidency.OneAtATime) ? "one" : value.ToLowerInvariant())}"
            : name + mention.Groups["limit"].Value;
    });

    // An option with its type, a value or a limit, and a parameter; another word alone may be just a word.
    [GeneratedRegex(
        @"\b(?<option>nameOrFolder)\b|\bMasOptions\.(?<option>\w+)( = (?<value>\w+))?|" +
        @"\b(?<option>\w+) = (?<value>\w+)|\b(?<option>\w+)(?<limit> of at most \d)")]
    private static partial Regex Mention();
}
