using RecursiveMas.Kernels;
using RecursiveMas.Layers;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Layers;

/// <summary>The three kinds of norm on worked numbers.</summary>
public class RmsNormTests
{
    private const double Eps = 1e-6;
    private static readonly float[] s_x = [1, -2, 0.5f, 3], s_weight = [0.125f, -0.25f, 0.375f, 1.5f], s_gate = [0.5f, -1, 2, 0.25f];

    public static TheoryData<string, ScalarType, float[]> Expected => new()
    {
        { "plain", ScalarType.Float32, [0.0662266f, 0.2649064f, 0.0993399f, 2.3841579f] },
        { "plain", ScalarType.BFloat16, [0.06640625f, 0.265625f, 0.099609375f, 2.375f] },
        { "zero-centred", ScalarType.Float32, [0.5960395f, -0.7947193f, 0.3642463f, 3.9735966f] },
        { "zero-centred", ScalarType.BFloat16, [0.59765625f, -0.79296875f, 0.36328125f, 3.96875f] },
        { "gated", ScalarType.Float32, [0.0206117f, -0.0712443f, 0.1749966f, 0.3350794f] },
        { "gated", ScalarType.BFloat16, [0.0206298828125f, -0.0712890625f, 0.17578125f, 0.333984375f] },
    };

    [Theory]
    [MemberData(nameof(Expected))]
    public void Worked_numbers(string kind, ScalarType dtype, float[] expected)
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(s_x).to_type(dtype), weight = tensor(s_weight).to_type(dtype);
        Tensor y = Apply(kind, weight, x, tensor(s_gate).to_type(dtype));
        Assert.Equal(dtype, y.dtype);
        float[] actual = y.to_type(ScalarType.Float32).data<float>().ToArray();
        float[] byKernel = dtype == ScalarType.BFloat16 ? ByKernel<BFloat16Element>(kind) : ByKernel<Float32Element>(kind);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], dtype == ScalarType.BFloat16 ? 0f : 1e-6f * MathF.Max(1, MathF.Abs(expected[i])));
            Assert.Equal(expected[i], byKernel[i], dtype == ScalarType.BFloat16 ? 0f : 1e-6f * MathF.Max(1, MathF.Abs(expected[i])));
        }
    }

    [Fact]
    public void A_float32_weight_of_the_gated_norm_is_not_rounded_on_the_way()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(64, 128).to_type(ScalarType.BFloat16), gate = randn(64, 128).to_type(ScalarType.BFloat16), weight = randn(128);
        Tensor wide = Apply("gated", weight, x, gate), rounded = Apply("gated", weight.to_type(ScalarType.BFloat16), x, gate);
        Assert.Equal(ScalarType.BFloat16, wide.dtype);
        Assert.True(wide.ne(rounded).any().ToBoolean(), "rounding the weight changed nothing");
        TensorChecks.Close(rounded, wide, 2e-2);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("zero-centred")]
    public void Only_the_last_dimension_is_normalised_whatever_the_strides(string kind)
    {
        using var scope = NewDisposeScope();
        Tensor weight = randn(6), heads = randn(2, 3, 8, 6), part = heads.narrow(2, 1, 4);
        TensorChecks.Close(Apply(kind, weight, part[1, 2, 3], part), Apply(kind, weight, part, part)[1, 2, 3], 1e-6);
    }

    /// <summary>The numbers so often one after another that they fill whole blocks and more: the mean of squares stays the same.</summary>
    private static unsafe float[] ByKernel<T>(string kind)
        where T : unmanaged, IElement<T>
    {
        const int Times = 9;
        T[] x = Repeated(s_x), gate = Repeated(s_gate), y = new T[x.Length];
        // A zero-centred weight is an offset from 1, added in float32.
        float[] weight = [.. Repeated(s_weight).Select(w => T.Widen(w) + (kind == "zero-centred" ? 1 : 0))];
        fixed (T* from = x, gates = gate, to = y)
        fixed (float* weights = weight)
        {
            if (kind == "gated")
                RowKernels.GatedRmsNorm(from, weights, gates, to, 1, 1, x.Length, x.Length, (float)Eps, roundProduct: true);
            else
                RowKernels.RmsNorm(from, weights, to, 1, x.Length, (float)Eps, roundFirst: kind == "plain");
        }

        for (int i = 0; i < y.Length; i++)
            Assert.Equal(T.Widen(y[i % s_x.Length]), T.Widen(y[i]), 1e-6f);
        return [.. y.Take(s_x.Length).Select(T.Widen)];

        static T[] Repeated(float[] values) => [.. Enumerable.Repeat(values, Times).SelectMany(v => v).Select(T.Narrow)];
    }

    private static Tensor Apply(string kind, Tensor weight, Tensor x, Tensor gate)
    {
        switch (kind)
        {
            case "plain":
                using (var plain = new PlainRmsNorm(weight.clone(), Eps))
                    return plain.Forward(x);
            case "zero-centred":
                using (var centred = new ZeroCentredRmsNorm(weight.to_type(ScalarType.Float32) + 1, Eps))
                    return centred.Forward(x);
            default:
                using (var gated = new GatedRmsNorm(new PlainRmsNorm(weight.clone(), Eps)))
                    return gated.Forward(x, gate);
        }
    }
}
