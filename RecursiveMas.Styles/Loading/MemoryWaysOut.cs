using RecursiveMas.Options;
using RecursiveMas.Shared;

namespace RecursiveMas.Loading;

/// <summary>Which settings would make a system fit into memory that does not fit as it is asked for.</summary>
/// <param name="found">The system.</param>
/// <param name="options">The settings that do not fit.</param>
/// <param name="available">Bytes that there are.</param>
/// <param name="bytes">Tells how many bytes settings need.</param>
internal sealed class MemoryWaysOut(FoundSystem found, MasOptions options, long available, Func<MasOptions, long> bytes)
{
    private const string OneModel = $"{nameof(MasOptions.Residency)} = {nameof(ModelResidency.OneAtATime)}";
    private const string Int8 = $"{nameof(MasOptions.Weights)} = {nameof(WeightFormat.Int8)}";

    private readonly AskSettings _asked = AskSettings.Resolve(null, options, found.Style.Defaults);

    /// <summary>One or two sentences: the settings that fit, or that none does.</summary>
    public override string ToString()
    {
        string[] weights = OfWeights();
        // What is thought and written beyond the published measure is as near at hand as the weights.
        bool beyond = _asked.LatentSteps > found.Style.Defaults.LatentSteps || _asked.MaxNewTokens > found.Style.Defaults.MaxNewTokens;
        string[] all = weights.Length == 0 || beyond ? [.. weights, .. OfTheRun(weights.Length == 0)] : weights;
        long least = bytes(Smallest());
        return all.Length > 0
            ? $"It fits otherwise: {string.Join("; ", all)}."
            : $"No setting makes it fit: {OneModel} and {Int8} together take {ByteSize.GiB(least)}. Choose a smaller system, or more memory.";
    }

    private static MasOptions OneAtATime(MasOptions options) => options with { Residency = ModelResidency.OneAtATime };

    // Rounded weights are for models that compute in float32.
    private static MasOptions Rounded(MasOptions options) => options with
    {
        Dtype = ModelDtype.Float32,
        AgentDtypes = new Dictionary<string, ModelDtype>(StringComparer.Ordinal),
        Weights = WeightFormat.Int8,
        ManagedKernels = true,
    };

    private MasOptions Smallest() => OneAtATime(Rounded(options));

    /// <summary>The gentlest ways to keep fewer weights in memory that fit, at most two.</summary>
    private string[] OfWeights()
    {
        (string Takes, long Bytes)[] ways =
        [
            ($"{OneModel} takes", bytes(OneAtATime(options))),
            ($"{Int8} takes", bytes(Rounded(options))),
            ($"{OneModel} and {Int8} together take", bytes(Smallest())),
        ];
        return
        [
            .. ways.Where(way => way.Bytes <= available).OrderByDescending(way => way.Bytes).Take(2).Select(way => $"{way.Takes} {ByteSize.GiB(way.Bytes)}"),
        ];
    }

    /// <summary>
    /// Fewer latent steps or tokens, whose keys and values are kept until a question is answered: with the models as they are, else with as little of them in
    /// memory as is possible.
    /// </summary>
    private string[] OfTheRun(bool withFewerWeights)
    {
        string[] ways = OfTheRun(options, "");
        return ways.Length > 0 || !withFewerWeights ? ways : OfTheRun(Smallest(), $", with {OneModel} and {Int8},");
    }

    private string[] OfTheRun(MasOptions how, string with)
    {
        string steps = nameof(MasOptions.LatentSteps), tokens = nameof(MasOptions.MaxNewTokens);
        int? fewerSteps = Most(0, _asked.LatentSteps, number => how with { LatentSteps = number });
        int? fewerTokens = Most(1, _asked.MaxNewTokens, number => how with { MaxNewTokens = number });
        if (fewerSteps is not null || fewerTokens is not null)
        {
            return
            [
                .. fewerSteps is { } few ? [$"{steps} of at most {few}{with} {Takes(how with { LatentSteps = few })}"] : Array.Empty<string>(),
                .. fewerTokens is { } short_ ? [$"{tokens} of at most {short_}{with} {Takes(how with { MaxNewTokens = short_ })}"] : Array.Empty<string>(),
            ];
        }

        StyleDefaults published = found.Style.Defaults;
        MasOptions both = how with
        {
            LatentSteps = Math.Min(_asked.LatentSteps, published.LatentSteps),
            MaxNewTokens = Math.Min(_asked.MaxNewTokens, published.MaxNewTokens),
        };
        return bytes(both) <= available
            ? [$"{steps} = {both.LatentSteps} and {tokens} = {both.MaxNewTokens}{with} together take {ByteSize.GiB(bytes(both))}"]
            : [];
    }

    private string Takes(MasOptions how) => $"takes {ByteSize.GiB(bytes(how))}";

    /// <summary>The largest number below one that does not fit; null if not even the least fits, or all do.</summary>
    private int? Most(int least, int tooMany, Func<int, MasOptions> with)
    {
        if (least >= tooMany || bytes(with(least)) > available)
            return null;
        int fits = least;
        while (tooMany - fits > 1)
        {
            int middle = fits + ((tooMany - fits) / 2);
            if (bytes(with(middle)) <= available)
                fits = middle;
            else
                tooMany = middle;
        }

        return fits;
    }
}
