using RecursiveMas.Configuration;
using RecursiveMas.Kernels;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Rotary position embedding in half-split layout: channel j is rotated with channel j + d/2.</summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly float[] _frequencies;
    private readonly Tensor _frequencyTensor;
    private readonly Device _device;

    public RotaryEmbedding(RopeSettings settings, Device device)
    {
        Channels = settings.Channels;
        _device = device;
        _frequencies = Frequencies(settings);
        _frequencyTensor = tensor(_frequencies, float32, device);
    }

    /// <summary>Number of rotated channels.</summary>
    public int Channels { get; }

    /// <summary>Angle per position of each channel pair, float32 as the reference computes it.</summary>
    public static float[] Frequencies(RopeSettings settings)
    {
        var frequencies = new float[settings.Channels / 2];
        for (int j = 0; j < frequencies.Length; j++)
        {
            float exponent = 2f * j / settings.Channels;
            float frequency = 1f / MathF.Pow((float)settings.Theta, exponent);
            frequencies[j] = settings.Llama3 is { } bands ? Banded(frequency, bands) : frequency / (float)settings.LinearFactor;
        }

        return frequencies;
    }

    /// <summary>Cosines and signed sines for positions.</summary>
    /// <param name="positions">[N], int64.</param>
    /// <param name="dtype">Element type of the model.</param>
    /// <returns>Two tensors [N, 1, d]; the first half of the sines is negated, see <see cref="Rotate"/>.</returns>
    public RotaryAngles At(Tensor positions, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        Tensor angles = positions.to(ScalarType.Float32, _device).unsqueeze(-1) * _frequencyTensor; // [N, d/2]
        Tensor cos = angles.cos(), sin = angles.sin();
        return new RotaryAngles(
            cat([cos, cos], -1).unsqueeze(-2).to_type(dtype).MoveToOuterDisposeScope(),
            cat([sin.neg(), sin], -1).unsqueeze(-2).to_type(dtype).MoveToOuterDisposeScope());
    }

    /// <summary>Cosines and sines of the new positions of rows as plain numbers.</summary>
    public AngleTable Table(ReadOnlySpan<RowSpan> rows, int positions, ScalarType dtype)
    {
        float[] cosines = new float[positions * _frequencies.Length], sines = new float[cosines.Length];
        int at = 0;
        foreach (RowSpan row in rows)
        {
            for (int position = row.Past; position < row.Past + row.Length; position++)
            {
                foreach (float frequency in _frequencies)
                {
                    (float sine, float cosine) = MathF.SinCos(position * frequency);
                    (cosines[at], sines[at++]) = (cosine, sine);
                }
            }
        }

        if (dtype == ScalarType.BFloat16)
        {
            RowKernels.Round<BFloat16Element>(cosines);
            RowKernels.Round<BFloat16Element>(sines);
        }

        return new AngleTable(cosines, sines, Channels);
    }

    /// <summary>Rotates the first d channels of each head; the others pass unchanged.</summary>
    /// <param name="x">[N, heads, D].</param>
    /// <param name="angles">From <see cref="At"/>.</param>
    public Tensor Rotate(Tensor x, RotaryAngles angles)
    {
        long width = x.size(-1);
        if (width == Channels)
            return Rotated(x, angles);
        Tensor rotated = Rotated(x.narrow(-1, 0, Channels), angles);
        return cat([rotated, x.narrow(-1, Channels, width - Channels)], -1);
    }

    public void Dispose() => _frequencyTensor.Dispose();

    // [-x2, x1]·[s, s] equals [x2, x1]·[-s, s]: one roll instead of two slices, a negation and a join, bit for bit the same.
    private Tensor Rotated(Tensor x, RotaryAngles angles) => (x * angles.Cos).PlusInPlace(x.roll(Channels / 2, -1).mul_(angles.SignedSin));

    private static float Banded(float frequency, Llama3Bands bands)
    {
        double wavelength = 2 * Math.PI / frequency;
        double shortest = bands.OriginalPositions / bands.HighFrequencyFactor;
        double longest = bands.OriginalPositions / bands.LowFrequencyFactor;
        if (wavelength < shortest)
            return frequency;
        if (wavelength > longest)
            return (float)(frequency / bands.Factor);
        double share = ((bands.OriginalPositions / wavelength) - bands.LowFrequencyFactor) / (bands.HighFrequencyFactor - bands.LowFrequencyFactor);
        return (float)(((1 - share) * frequency / bands.Factor) + (share * frequency));
    }
}

/// <summary>Cosines and signed sines of one call, [N, 1, d].</summary>
internal readonly record struct RotaryAngles(Tensor Cos, Tensor SignedSin);
