using RecursiveMas.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Native;

[Collection(LiveTensors.Collection)]
public class TorchNativeTests
{
    private static readonly ScalarType[] s_types = [ScalarType.Float32, ScalarType.BFloat16];
    private static readonly long[][] s_leading = [[], [1], [5], [2, 3], [2, 1, 4], [0], [2, 0]];

    public static TheoryData<ScalarType, long[]> Inputs()
    {
        var data = new TheoryData<ScalarType, long[]>();
        foreach (ScalarType type in s_types)
        {
            foreach (long[] leading in s_leading)
                data.Add(type, leading);
        }

        return data;
    }

    [Fact]
    public void DispatcherIsThereOnLinuxAndWindows() =>
        Assert.True(TorchDispatcher.Instance is not null || OperatingSystem.IsMacOS());

    [Theory]
    [MemberData(nameof(Inputs))]
    public void PackedLinearEqualsLinear(ScalarType type, long[] leading)
    {
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            Tensor weight = Normal([24, 40], type), bias = Normal([24], type), x = Normal([.. leading, 40], type);
            Tensor packed = Packed(weight);
            TensorChecks.Close(nn.functional.linear(x, weight), TorchNative.PackedLinear(x, packed), Tolerance(type));
            TensorChecks.Close(nn.functional.linear(x, weight, bias), TorchNative.PackedLinear(x, packed, bias), Tolerance(type));
        });
    }

    /// <summary>Where a machine packs a shape wrongly, the shape must not be packed.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void WhatIsPackedIsRightInEveryShape(ScalarType type)
    {
        using var scope = NewDisposeScope();
        int packed = 0;
        foreach (long outputs in new long[] { 1, 7, 16, 24, 31, 33, 48, 63, 64, 65, 80, 96, 100, 127, 128, 129, 144, 192, 224, 320, 336 })
        {
            foreach (long inputs in new long[] { 1, 8, 15, 16, 17, 32, 40, 48, 64, 65, 96, 112, 128, 192, 200, 256 })
            {
                using var inner = NewDisposeScope();
                Tensor weight = Normal([outputs, inputs], type), x = Normal([3, inputs], type);
                if (TorchNative.TryPackLinear(weight) is not { } fast)
                    continue;
                packed++;
                TensorChecks.Close(nn.functional.linear(x, weight), TorchNative.PackedLinear(x, fast), Tolerance(type), $"[{outputs}, {inputs}] of {type}");
            }
        }

        Assert.SkipWhen(packed == 0, $"This machine has no packed product for {type}.");
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void PackedLinearTakesAnyStrides(ScalarType type)
    {
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            Tensor weight = Normal([40, 24], type).t(), x = Normal([40, 3, 2], type).permute(2, 1, 0), sliced = Normal([3, 50], type).narrow(1, 5, 40);
            Tensor packed = Packed(weight);
            TensorChecks.Close(nn.functional.linear(x, weight), TorchNative.PackedLinear(x, packed), Tolerance(type));
            TensorChecks.Close(nn.functional.linear(sliced, weight), TorchNative.PackedLinear(sliced, packed), Tolerance(type));
        });
    }

    [Fact]
    public void PackedLinearWorksWithInferenceMode()
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor weight = Normal([8, 16], ScalarType.Float32), x = Normal([3, 16], ScalarType.Float32);
        TensorChecks.Close(nn.functional.linear(x, weight), TorchNative.PackedLinear(x, Packed(weight)), 1e-5);
    }

    [Fact]
    public void PackedLinearRefusesWhatDoesNotFit()
    {
        using var scope = NewDisposeScope();
        Tensor packed = Packed(Normal([8, 16], ScalarType.Float32)), x = Normal([3, 16], ScalarType.Float32);
        Assert.Throws<ArgumentException>("x", () => TorchNative.PackedLinear(Normal([3, 15], ScalarType.Float32), packed));
        Assert.Throws<ArgumentException>("x", () => TorchNative.PackedLinear(Normal([3, 16], ScalarType.BFloat16), packed));
        Assert.Throws<ArgumentException>("x", () => TorchNative.PackedLinear(tensor(1f), packed));
        Assert.Throws<ArgumentException>("bias", () => TorchNative.PackedLinear(x, packed, Normal([7], ScalarType.Float32)));
        Assert.Throws<ArgumentException>("bias", () => TorchNative.PackedLinear(x, packed, Normal([8], ScalarType.BFloat16)));
        Assert.Throws<InvalidOperationException>(() => TorchNative.PackedLinear(Normal([3, 16], ScalarType.Float32).requires_grad_(true), packed));
    }

    [Fact]
    public void OnlyPlainMatricesArePacked()
    {
        using var scope = NewDisposeScope();
        Assert.Null(TorchNative.TryPackLinear(Normal([8], ScalarType.Float32)));
        Assert.Null(TorchNative.TryPackLinear(Normal([0, 8], ScalarType.Float32)));
        Assert.Null(TorchNative.TryPackLinear(Normal([8, 8], ScalarType.Float64)));
        Assert.Null(TorchNative.TryPackLinear(Normal([8, 8], ScalarType.Float16)));
        Assert.Null(TorchNative.TryPackLinear(Normal([8, 8], ScalarType.Float32).requires_grad_(true)));
    }

    [Fact]
    public void WithoutTheExportPlainWeightsServe()
    {
        Assert.Null(OneDnnLinear.Find("aoti_torch_cpu__linear_of_another_version"));
        Assert.All(s_types, type => Assert.False(TorchNative.CanPack(type, 64, 64, null)));
        Assert.True(OneDnnLinear.Instance is not null || !OperatingSystem.IsLinux());
    }

    [Fact]
    public void PackingIsSafeForConcurrentCalls()
    {
        using var scope = NewDisposeScope();
        Tensor weight = Normal([32, 48], ScalarType.Float32), x = Normal([4, 48], ScalarType.Float32), expected = nn.functional.linear(x, weight);
        Parallel.For(0, 16, _ =>
        {
            using var inner = NewDisposeScope();
            TensorChecks.Close(expected, TorchNative.PackedLinear(x, Packed(weight)), 1e-5);
        });
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public void RmsNormIsRoundedOnce(ScalarType type, long[] leading)
    {
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            Tensor x = Normal([.. leading, 40], type), weight = Normal([40], type);
            Tensor wide = x.to_type(ScalarType.Float32);
            Tensor expected = (wide * (wide.square().mean([-1], keepdim: true) + 1e-3).rsqrt() * weight.to_type(ScalarType.Float32)).to_type(type);
            TensorChecks.Close(expected, TorchNative.RmsNorm(x, weight, 1e-3), type == ScalarType.Float32 ? 1e-6 : 0);
            TensorChecks.Close(expected, TorchNative.PlainRmsNorm(x, weight, 1e-3), type == ScalarType.Float32 ? 1e-6 : 0);
        });
    }

    [Fact]
    public void NativeMemoryIsReleased()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is read from /proc.");
        const int Size = 1024, Rounds = 200;
        using var outer = NewDisposeScope();
        Tensor weight = Normal([Size, Size], ScalarType.Float32), x = Normal([Size, Size], ScalarType.Float32);
        Use();
        long before = Private();
        for (int i = 0; i < Rounds; i++)
            Use();
        // Whatever is left over each time would amount to 800 MB.
        Assert.InRange(Private() - before, long.MinValue, 100_000);

        void Use()
        {
            using var scope = NewDisposeScope();
            TorchNative.PackedLinear(x.slice(0, 0, 2, 1), Packed(weight));
            TorchNative.RmsNorm(x, weight.select(0, 0), 1e-5);
            TorchNative.ViewDtype(x.clone(), ScalarType.Byte);
        }

        static long Private() =>
            long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))[8..].Replace(
                "kB",
                "",
                StringComparison.Ordinal));
    }

    [Fact]
    public void ViewDtypeSharesMemory()
    {
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            Tensor bytes = zeros(12, ScalarType.Byte);
            Tensor part = TorchNative.ViewDtype(bytes.narrow(0, 4, 8), ScalarType.Float32);
            Assert.Equal([2L], part.shape);
            part.fill_(1f);
            Assert.Equal([0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F], bytes.bytes.ToArray());
        });
    }

    [Theory]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.ComplexFloat32)]
    [InlineData(ScalarType.Byte)]
    public void ViewDtypeEqualsTheCopyThatReplacesIt(ScalarType type)
    {
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            Tensor bytes = arange(48, ScalarType.Byte).reshape(3, 16);
            Tensor view = TorchNative.ViewDtype(bytes, type), copy = TorchNative.CopyAs(bytes, type);
            Assert.Equal(type, view.dtype);
            Assert.Equal(copy.shape, view.shape);
            Assert.Equal(copy.bytes.ToArray(), view.bytes.ToArray());
            Assert.Equal(bytes.bytes.ToArray(), TorchNative.ViewDtype(view, ScalarType.Byte).bytes.ToArray());
        });
    }

    private static Tensor Packed(Tensor weight)
    {
        Tensor? packed = TorchNative.TryPackLinear(weight);
        Assert.SkipWhen(packed is null, $"This machine has no packed product for {weight.dtype}.");
        return packed!;
    }

    private static Tensor Normal(long[] shape, ScalarType type)
    {
        using var generator = new Generator(7);
        return randn(shape, generator: generator).to_type(type);
    }

    private static double Tolerance(ScalarType type) => type == ScalarType.Float32 ? 1e-5 : 2e-2;
}
