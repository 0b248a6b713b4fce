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
}

/// <summary>The bands of llama3 scaling: short wavelengths stay, long ones are divided by the factor, those between are blended.</summary>
internal sealed record Llama3Bands(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalPositions);
