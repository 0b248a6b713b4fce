namespace RecursiveMas.Configuration;

/// <summary>Rotary position embedding as a configuration asks for it.</summary>
internal sealed record RopeSettings
{
    public required double Theta { get; init; }

    /// <summary>Number of rotated channels of a head.</summary>
    public required int Channels { get; init; }

    /// <summary>All frequencies are divided by this (scaling type "linear").</summary>
    public double LinearFactor { get; init; } = 1;

    /// <summary>Frequency bands (scaling type "llama3"); null for none.</summary>
    public Llama3Bands? Llama3 { get; init; }

    /// <summary>Reads <c>rope_parameters</c>, or the older <c>rope_theta</c> with <c>rope_scaling</c>.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="channels">Number of rotated channels.</param>
    public static RopeSettings Read(ConfigReader config, int channels)
    {
        ConfigReader? newer = config.OptionalObject("rope_parameters");
        double theta = (newer is not null && newer.Has("rope_theta") ? newer : config).Positive("rope_theta");
        return Scaled(newer ?? config.OptionalObject("rope_scaling"), theta, channels);
    }

    /// <summary>Applies a scaling object (null for none) to a base frequency.</summary>
    public static RopeSettings Scaled(ConfigReader? scaling, double theta, int channels)
    {
        var plain = new RopeSettings { Theta = theta, Channels = channels };
        string type = scaling?.OptionalText("rope_type") ?? scaling?.OptionalText("type") ?? "default";
        switch (type)
        {
            case "default":
                return plain;
            case "linear":
                return plain with { LinearFactor = scaling!.Positive("factor") };
            case "llama3":
                return plain with
                {
                    Llama3 = new Llama3Bands(
                        scaling!.Positive("factor"),
                        scaling!.Positive("low_freq_factor"),
                        scaling!.Positive("high_freq_factor"),
                        scaling!.Count("original_max_position_embeddings", int.MaxValue)),
                };
            default:
                throw new UnsupportedCheckpointException(scaling!.File, $"rope type '{type}' is not supported. Supported: default, linear, llama3.");
        }
    }
}

/// <summary>The bands of llama3 scaling: short wavelengths stay, long ones are divided by the factor, those between are blended.</summary>
internal sealed record Llama3Bands(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalPositions);
