using RecursiveMas.Configuration;
using RecursiveMas.Kernels;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Rotary position embedding in half-split layout: channel j is rotated with channel j + d/2.</summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private const int PositionsOfBlock = 256;

    private readonly float[] _frequencies;
    private readonly Lock _gate = new();
    private float[]?[] _blocks = [];
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

    /// <summary>Where cosines and then sines of a position stand, half as many of each as channels are rotated; made once for a block of positions.</summary>
    public (float[] Angles, int Offset) At(int position)
    {
        (int block, int place) = Math.DivRem(position, PositionsOfBlock);
        float[]?[] blocks = Volatile.Read(ref _blocks);
        float[] angles = (block < blocks.Length ? Volatile.Read(ref blocks[block]) : null) ?? Make(block);
        return (angles, 2 * place * _frequencies.Length);
    }

    /// <summary>Cosines and sines of the new positions of rows as plain numbers.</summary>
    public AngleTable Table(ReadOnlySpan<RowSpan> rows, int positions, ScalarType dtype)
    {
        float[] cosines = new float[positions * _frequencies.Length], sines = new float[cosines.Length];
        int at = 0, half = _frequencies.Length;
        foreach (RowSpan row in rows)
        {
            for (int position = row.Past; position < row.Past + row.Length; position++, at += half)
            {
                (float[] angles, int offset) = At(position);
                angles.AsSpan(offset, half).CopyTo(cosines.AsSpan(at));
                angles.AsSpan(offset + half, half).CopyTo(sines.AsSpan(at));
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
    /// <param name="angles">Those of the N positions.</param>
    public Tensor Rotate(Tensor x, RotaryAngles angles)
    {
        long width = x.size(-1);
        if (width == Channels)
            return Rotated(x, angles);
        Tensor rotated = Rotated(x.narrow(-1, 0, Channels), angles);
        return cat([rotated, x.narrow(-1, Channels, width - Channels)], -1);
    }

    public void Dispose() => _frequencyTensor.Dispose();

    private float[] Make(int block)
    {
        int half = _frequencies.Length;
        lock (_gate)
        {
            if (block >= _blocks.Length)
            {
                float[]?[] grown = new float[]?[Math.Max(2 * _blocks.Length, block + 1)];
                _blocks.CopyTo(grown, 0);
                Volatile.Write(ref _blocks, grown);
            }

            if (_blocks[block] is { } made)
                return made;
            float[] angles = new float[2 * PositionsOfBlock * half];
            for (int place = 0; place < PositionsOfBlock; place++)
            {
                for (int i = 0; i < half; i++)
                {
                    (float sine, float cosine) = MathF.SinCos(((block * PositionsOfBlock) + place) * _frequencies[i]);
                    (angles[(2 * place * half) + i], angles[(((2 * place) + 1) * half) + i]) = (cosine, sine);
                }
            }

            Volatile.Write(ref _blocks[block], angles);
            return angles;
        }
    }

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
