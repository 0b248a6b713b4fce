using static System.FormattableString;

namespace RecursiveMas.Configuration;

/// <summary>
/// Reads rotary settings from wherever they stand, with the precedence of transformers 5: <c>rope_parameters</c>, the older
/// <c>rope_scaling</c>, and the older fields beside them. What would be dropped there without a word is refused.
/// </summary>
internal static class RopeReader
{
    public const string Parameters = "rope_parameters";
    public const string Scaling = "rope_scaling";

    private const string Theta = "rope_theta",
        Share = "partial_rotary_factor",
        Kind = "rope_type",
        OlderKind = "type",
        Original = "original_max_position_embeddings";

    // That of every family but Gemma 3.
    private const double DefaultTheta = 1e4;

    /// <summary>The one rotation of a model: a <c>rope_scaling</c> that is not empty replaces <c>rope_parameters</c> as a whole.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="headSize">Channels of a head.</param>
    /// <param name="share">The share of them that rotates where the file does not say it; null if the family's code rotates all.</param>
    public static RopeSettings ReadOne(ConfigReader config, int headSize, double? share = null)
    {
        ConfigReader? parameters = config.OptionalObject(Parameters), scaling = config.OptionalObject(Scaling);
        bool replaced = scaling is not null && scaling.Names.Any();
        ConfigReader[] objects = [.. new[] { replaced ? scaling : parameters }.OfType<ConfigReader>()];
        foreach (ConfigReader? rope in new[] { parameters, scaling })
            RefuseLayerKinds(rope);
        double theta = Value(Theta, DefaultTheta), rotated = Value(Share, share ?? 1);
        int channels = (int)(headSize * rotated);
        bool possible = rotated <= 1 && channels > 0 && channels % 2 == 0;
        At(Share).Require(share is null ? rotated == 1 : possible, Share, share is null ? "1" : "a share of head_dim that is an even number of channels");
        if (replaced && parameters is not null)
            Scaled(config, [parameters], theta, channels);
        return Scaled(config, objects, theta, channels);

        ConfigReader At(string name) => objects.FirstOrDefault(rope => rope.Declares(name)) ?? config;

        double Value(string name, double absent)
        {
            double value = At(name).Positive(name, absent);
            // transformers looks at the two in another order for some kinds than for others.
            if (name == Share && objects.Length > 0 && config.Declares(name) && config.Positive(name) != value)
                throw new UnsupportedCheckpointException(
                    config.File,
                    Invariant($"{name} is {config.Shown(name)} beside {value} in {objects[0].File}. Say the same in both places."));
            if (replaced && parameters?.Declares(name) == true && parameters.Positive(name) != value)
            {
                throw new UnsupportedCheckpointException(
                    config.File,
                    Invariant($"{Scaling} replaces {Parameters} as a whole, so that {name} would be {value} rather than the ") +
                    $"{parameters.Shown(name)} that stands there. Say {name} in {Scaling} too.");
            }

            return value;
        }
    }

    /// <summary>
    /// The two rotations of Gemma 3: <c>rope_parameters</c> is keyed by the kind of layer, <c>rope_scaling</c> is laid over that of full attention.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="headSize">Channels of a head.</param>
    /// <param name="global">Base frequency of full attention where the file does not say it.</param>
    /// <param name="local">The same of sliding attention.</param>
    public static (RopeSettings Global, RopeSettings Local) ReadByLayerKind(ConfigReader config, int headSize, double global, double local)
    {
        ConfigReader? parameters = config.OptionalObject(Parameters), scaling = config.OptionalObject(Scaling);
        string? stranger = parameters?.Names.FirstOrDefault(name => name is not (LayerKinds.Full or LayerKinds.Sliding));
        if (stranger is not null)
            throw new UnsupportedCheckpointException(
                parameters!.File,
                $"{stranger} stands beside the kinds of layers, where it would have no effect. Put it into {LayerKinds.Full} or {LayerKinds.Sliding}.");
        RefuseLayerKinds(scaling);
        ConfigReader? full = parameters?.OptionalObject(LayerKinds.Full), sliding = parameters?.OptionalObject(LayerKinds.Sliding);
        // transformers lays it over an object that names a kind, and a kind of the newer name goes first.
        if (scaling?.Declares(OlderKind) == true && !scaling.Declares(Kind) && (parameters is null || full?.Declares(Kind) == true))
            throw new UnsupportedCheckpointException(
                scaling.File,
                $"the kind stands under '{OlderKind}', where transformers overlooks it for this family. Write '{Kind}'.");
        return (Of([.. new[] { scaling, full }.OfType<ConfigReader>()], Theta, global),
            Of([.. new[] { sliding }.OfType<ConfigReader>()], "rope_local_base_freq", local));

        RopeSettings Of(ConfigReader[] objects, string older, double absent)
        {
            double theta = objects.FirstOrDefault(rope => rope.Declares(Theta))?.Positive(Theta) ?? config.Positive(older, absent);
            foreach (ConfigReader rope in objects.Append(config).Where(rope => rope.Declares(Share)))
                rope.Require(rope.Positive(Share) == 1, Share, "1");
            return Scaled(config, objects, theta, headSize);
        }
    }

    /// <summary>Applies the scaling that the objects ask for, of which the first that has a field goes first.</summary>
    private static RopeSettings Scaled(ConfigReader config, ConfigReader[] objects, double theta, int channels)
    {
        var plain = new RopeSettings { Theta = theta, Channels = channels };
        if ((Holder(Kind) ?? Holder(OlderKind)) is not { } named)
            return plain;
        string kind = named.Text(named.Declares(Kind) ? Kind : OlderKind, absent: "");
        switch (kind)
        {
            case "default":
                return plain;
            case "linear":
                return plain with { LinearFactor = Positive("factor") };
            case "llama3":
                int original = (Holder(Original) ?? named).Count(Original, int.MaxValue);
                // In transformers a field of this name beside the object would win.
                if (config.Declares(Original) && config.Int(Original) != original)
                    throw new UnsupportedCheckpointException(
                        config.File,
                        $"{Original} is {config.Shown(Original)} beside {original} in {named.File}. Say the same in both places.");
                return plain with { Llama3 = new Llama3Bands(Positive("factor"), Positive("low_freq_factor"), Positive("high_freq_factor"), original) };
            default:
                throw new UnsupportedCheckpointException(named.File, $"rope type '{kind}' is not supported. Supported: default, linear, llama3.");
        }

        ConfigReader? Holder(string name) => objects.FirstOrDefault(rope => rope.Declares(name));

        double Positive(string name) => (Holder(name) ?? named).Positive(name);
    }

    /// <summary>Refuses settings keyed by the kind of layer where one rotation serves all layers.</summary>
    private static void RefuseLayerKinds(ConfigReader? rope)
    {
        if (rope?.Names.FirstOrDefault(name => name is LayerKinds.Full or LayerKinds.Sliding or LayerKinds.Linear) is { } kind)
            throw new UnsupportedCheckpointException(
                rope.File,
                $"'{kind}': a rotation for one kind of layer is not supported here. Write the settings without the kind.");
    }
}
