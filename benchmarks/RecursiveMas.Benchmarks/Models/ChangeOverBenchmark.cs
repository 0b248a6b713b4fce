using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// From how many inputs on which kernel is faster, and beside libtorch's product on widened pieces, in turn on the same weights; the same of attention. No
/// arguments.
/// </summary>
internal static class ChangeOverBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- change-over";

    // More than the processor's caches hold, so that weights come from memory as they do in a model.
    private const long Bytes = 48L << 20;

    private static readonly int[] s_inputs = [1, 4, 8, 16, 32, 64, 128, 256, 512];

    public static int Run(string[] arguments)
    {
        using var mode = inference_mode(true);
        var table = new ResultTable(
            "Products with weights as stored: libtorch's time over the kernel's",
            Command,
            [
                "inputs x outputs", "format", "kernel", .. s_inputs.Select(count => $"{count}"), "kernel at 8, GFLOP/s", "kernel at 512, GFLOP/s",
                "libtorch at 512, GFLOP/s",
            ]);
        foreach ((int inputs, int outputs) in new[] { (576, 1536), (1536, 576), (2048, 5632), (5632, 2048) })
        {
            foreach (string format in new[] { "BFloat16", "Int8" })
            {
                using var scope = NewDisposeScope();
                RowsLinear[] linears =
                [
                    .. Enumerable.Range(0, (int)Math.Max(1, Bytes / (inputs * outputs * 2L))).Select(_ =>
                        RowsLinear.Create([(randn(outputs, inputs).to_type(ScalarType.BFloat16).DetachFromDisposeScope(), null)], format == "Int8")),
                ];
                Compare(table, inputs, outputs, format, "few inputs", linears, linear => linear.ByKernel);
                Compare(table, inputs, outputs, format, "many inputs", linears, linear => linear.ByPanels);
                foreach (RowsLinear linear in linears)
                    linear.Dispose();
            }
        }

        table.Write(
            "change-over",
            $"Above 1 the kernel is faster than libtorch. Models take that for few inputs up to {RowsLinear.MostInputs}, that for many beyond. " +
            "Medians of three pairs.");
        AttentionComparison.Run(Command);
        return 0;
    }

    private static void Compare(
        ResultTable table, int inputs, int outputs, string format, string name, RowsLinear[] linears, Func<RowsLinear, Func<Tensor, Tensor>> kernel)
    {
        var ratios = new List<object>();
        (double kernelAt8, double kernelAt512, double torchAt512) = (0, 0, 0);
        foreach (int count in s_inputs)
        {
            using Tensor x = randn(count, inputs);
            (double own, double torch, double ratio) = SideBySide.Measure(
                3, () => All(linears, linear => kernel(linear)(x)), () => All(linears, linear => linear.ByLibtorch(x)));
            double operations = 2.0 * count * inputs * outputs * linears.Length;
            kernelAt8 = count == 8 ? operations / own : kernelAt8;
            (kernelAt512, torchAt512) = count == 512 ? (operations / own, operations / torch) : (kernelAt512, torchAt512);
            ratios.Add($"{ratio:0.00}");
        }

        table.Add(
            [$"{inputs}x{outputs}", format, name, .. ratios, $"{kernelAt8 / 1e9:0}", $"{kernelAt512 / 1e9:0}", $"{torchAt512 / 1e9:0}"]);
    }

    private static void All(RowsLinear[] linears, Func<RowsLinear, Tensor> product)
    {
        foreach (RowsLinear linear in linears)
            product(linear).Dispose();
    }
}
