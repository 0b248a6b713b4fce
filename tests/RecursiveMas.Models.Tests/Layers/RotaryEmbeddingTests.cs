using RecursiveMas.Configuration;
using RecursiveMas.Layers;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Layers;

/// <summary>Rotations and their frequencies on worked numbers.</summary>
public class RotaryEmbeddingTests
{
    [Theory]
    [InlineData(1, new[] { -1.98411065f, 1.95990067f, 2.46237790f, 4.01979967f })]
    [InlineData(3, new[] { -1.41335252f, 1.87911807f, -2.82885748f, 4.05819114f })]
    public void Channels_are_rotated_in_halves(int position, float[] expected)
    {
        using var scope = NewDisposeScope();
        Tensor rotated = Rotate(new RopeSettings { Theta = 1e4, Channels = 4 }, tensor(new float[] { 1, 2, 3, 4 }), position);
        TensorChecks.Close(tensor(expected), rotated, 1e-6);
    }

    [Theory]
    [InlineData(64, 15, 3, 14)]
    [InlineData(128, 29, 6, 29)]
    public void Llama3_bands(int channels, int unchanged, int blended, int divided)
    {
        float[] plain = RotaryEmbedding.Frequencies(new RopeSettings { Theta = 5e5, Channels = channels });
        float[] banded = RotaryEmbedding.Frequencies(Llama3(channels));
        bool[] same = [.. plain.Zip(banded, (a, b) => a == b)];
        bool[] whole = [.. plain.Zip(banded, (a, b) => b == (float)((double)a / 32))];
        Assert.Equal((unchanged, divided), (same.Count(x => x), whole.Count(x => x)));
        Assert.Equal(blended, plain.Length - unchanged - divided);
        // The bands follow each other: short wavelengths first.
        Assert.True(same.Take(unchanged).All(x => x) && whole.TakeLast(divided).All(x => x));
    }

    [Theory]
    [InlineData(64, 14, 0.0032114460)]
    [InlineData(64, 15, 0.0012905479)]
    [InlineData(64, 16, 0.00042955680)]
    [InlineData(64, 17, 0.000097082878)]
    [InlineData(64, 18, 0.000019461638)]
    [InlineData(64, 31, 9.4183067e-8)]
    [InlineData(128, 28, 0.0032114460)]
    [InlineData(128, 29, 0.0021184070)]
    [InlineData(128, 30, 0.0012905479)]
    [InlineData(128, 31, 0.00076254120)]
    [InlineData(128, 32, 0.00042955680)]
    [InlineData(128, 33, 0.00022276350)]
    [InlineData(128, 34, 0.000097082878)]
    [InlineData(128, 35, 0.000023890531)]
    [InlineData(128, 63, 7.6723150e-8)]
    public void Llama3_frequencies(int channels, int index, double expected) => Near(expected, RotaryEmbedding.Frequencies(Llama3(channels))[index]);

    [Theory]
    [InlineData(1e6, 8, 256, new[] { 0.125, 0.11221089, 0.10073027 }, 1.3924673e-7)]
    [InlineData(1e4, 1, 256, new[] { 1, 0.93057204, 0.86596432 }, 1.0746078e-4)]
    [InlineData(1e7, 1, 64, new[] { 1, 0.60429639, 0.36517413 }, 1.6548171e-7)]
    public void Frequencies(double theta, double factor, int channels, double[] first, double last)
    {
        float[] frequencies = RotaryEmbedding.Frequencies(new RopeSettings { Theta = theta, Channels = channels, LinearFactor = factor });
        for (int i = 0; i < first.Length; i++)
            Near(first[i], frequencies[i]);
        Near(last, frequencies[^1]);
    }

    [Fact]
    public void Channels_beyond_the_rotated_ones_pass_unchanged()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(256);
        var settings = new RopeSettings { Theta = 1e7, Channels = 64 };
        Tensor rotated = Rotate(settings, x, 5);
        TensorChecks.Close(x.narrow(0, 64, 192), rotated.narrow(0, 64, 192), 0);
        TensorChecks.Close(Rotate(settings, x.narrow(0, 0, 64), 5), rotated.narrow(0, 0, 64), 0);
        Assert.True(rotated.narrow(0, 0, 64).ne(x.narrow(0, 0, 64)).any().ToBoolean());
    }

    [Fact]
    public void Interleaved_multimodal_positions_of_text_are_the_plain_rotation()
    {
        // Three rows of positions, of which slots 1, 4, … take the second and 2, 5, … the third; for text all are the same.
        const int Channels = 64, Position = 9;
        int[] sections = [11, 11, 10];
        float[] frequencies = RotaryEmbedding.Frequencies(new RopeSettings { Theta = 1e7, Channels = Channels });
        int[] positions = [Position, Position, Position];
        var axes = new int[frequencies.Length];
        for (int axis = 1; axis <= 2; axis++)
        {
            for (int slot = axis; slot < sections[axis] * 3; slot += 3)
                axes[slot] = axis;
        }

        Assert.Equal(sections, Enumerable.Range(0, 3).Select(axis => axes.Count(other => other == axis)));
        using var scope = NewDisposeScope();
        using var rotary = new RotaryEmbedding(new RopeSettings { Theta = 1e7, Channels = Channels }, CPU);
        float[] cosines = rotary.At(tensor(new long[] { Position }), ScalarType.Float32).Cos.data<float>().ToArray();
        for (int slot = 0; slot < frequencies.Length; slot++)
            Assert.Equal(MathF.Cos(positions[axes[slot]] * frequencies[slot]), cosines[slot], 1e-6f);
    }

    [Fact]
    public void Angles_are_rounded_to_the_models_dtype()
    {
        using var scope = NewDisposeScope();
        using var rotary = new RotaryEmbedding(new RopeSettings { Theta = 1e4, Channels = 8 }, CPU);
        RotaryAngles wide = rotary.At(tensor(new long[] { 7 }), ScalarType.Float32), narrow = rotary.At(tensor(new long[] { 7 }), ScalarType.BFloat16);
        TensorChecks.Close(wide.Cos.to_type(ScalarType.BFloat16), narrow.Cos, 0);
        TensorChecks.Close(wide.SignedSin.to_type(ScalarType.BFloat16), narrow.SignedSin, 0);
    }

    private static RopeSettings Llama3(int channels) => new() { Theta = 5e5, Channels = channels, Llama3 = new Llama3Bands(32, 1, 4, 8192) };

    private static Tensor Rotate(RopeSettings settings, Tensor x, int position)
    {
        using var rotary = new RotaryEmbedding(settings, CPU);
        return rotary.Rotate(x.reshape(1, 1, -1), rotary.At(tensor(new long[] { position }), ScalarType.Float32)).reshape(-1);
    }

    private static void Near(double expected, double actual) => Assert.InRange(actual, expected * (1 - 3e-6), expected * (1 + 3e-6));
}
