using RecursiveMas.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Native;

/// <summary>Calls into libtorch leave the C heap as they find it: what they lose, no count of live tensors shows.</summary>
[Collection(LiveTensors.Collection)]
public class FlatCallTests
{
    // A lost handle, cell or string takes at least 24 bytes at each call; what the runtime allocates beside shows in few of the blocks.
    private const double LargestGrowth = 12;
    private const int Blocks = 5;

    public static TheoryData<string, ScalarType> Calls()
    {
        var data = new TheoryData<string, ScalarType>();
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            foreach (string call in new[]
            {
                nameof(TorchNative.PackedLinear), "PackedLinear with bias", nameof(TorchNative.TryPackLinear), nameof(TorchNative.RmsNorm),
                nameof(TorchNative.ViewDtype),
            })
                data.Add(call, type);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Calls_lose_nothing(string call, ScalarType type)
    {
        int calls = LongRuns.Count(usually: 1_500, atLength: 300_000 / Blocks);
        using var mode = inference_mode(true);
        using var outer = NewDisposeScope();
        using var generator = new Generator(7);
        Tensor weight = randn([16, 32], generator: generator).to_type(type),
            bias = zeros(16, type),
            scale = ones(32, type).OnTestDevice(),
            x = randn([2, 32], generator: generator).to_type(type),
            there = x.OnTestDevice();
        Tensor? packed = TorchNative.TryPackLinear(weight);
        Assert.SkipWhen(packed is null && call.Contains("Linear", StringComparison.Ordinal), $"This machine has no packed product for {type}.");
        Action use = call switch
        {
            nameof(TorchNative.PackedLinear) => () => TorchNative.PackedLinear(x, packed!),
            "PackedLinear with bias" => () => TorchNative.PackedLinear(x, packed!, bias),
            nameof(TorchNative.TryPackLinear) => () => TorchNative.TryPackLinear(weight),
            nameof(TorchNative.RmsNorm) => () => TorchNative.RmsNorm(there, scale, 1e-5),
            _ => () => TorchNative.ViewDtype(there, ScalarType.Byte),
        };
        Repeat(use, calls); // whatever is made once: compiled code, lists of the heap's own
        double[] growth = [.. Enumerable.Range(0, Blocks).Select(_ => Growth(use, calls)).Order()];
        TestContext.Current.TestOutputHelper?.WriteLine($"{call} of {type}: {string.Join(", ", growth.Select(bytes => $"{bytes:0.00}"))} bytes a call");
        Assert.True(growth[Blocks / 2] < LargestGrowth, $"{call} of {type} loses {growth[Blocks / 2]:0.0} bytes a call.");
    }

    private static double Growth(Action use, int calls)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = NativeMemoryUse.Now();
        Repeat(use, calls);
        return (double)(NativeMemoryUse.Now() - before) / calls;
    }

    private static void Repeat(Action use, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using var scope = NewDisposeScope();
            use();
        }
    }
}
