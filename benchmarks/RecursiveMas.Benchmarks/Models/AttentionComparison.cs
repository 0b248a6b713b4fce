using RecursiveMas.Kernels;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// Attention of the new positions of a prompt: the kernel for few of them, the one for many, and libtorch's operator on keys repeated for each query head.
/// </summary>
internal static unsafe class AttentionComparison
{
    private const int Repeats = 30;

    private static readonly int[] s_positions = [9, 32, 128, 512, 2048];

    public static void Run(string command)
    {
        var table = new ResultTable(
            "Attention of a prompt in float32: libtorch's time over the kernels'",
            command,
            [
                "query heads, key heads, channels", "kernel", .. s_positions.Select(count => $"{count} positions"), "kernel at 512, ms", "libtorch at 512, ms",
            ]);
        foreach ((int queries, int keys, int size) in new[] { (9, 3, 64), (32, 4, 64), (16, 8, 128) })
        {
            Compare(table, queries, keys, size, "few positions", Few);
            Compare(table, queries, keys, size, "many positions", (row, task) => PromptAttention.Run<Float32Element>([row], task));
        }

        table.Write("attention", $"Above 1 the kernel is faster than libtorch. Medians of {Repeats} runs of each, one kind after the other.");
    }

    private static void Compare(ResultTable table, int queries, int keys, int size, string name, Action<AttentionRow, AttentionTask> kernel)
    {
        var task = new AttentionTask(new HeadLayout(queries, keys, size, size), (float)(1 / Math.Sqrt(size)), int.MaxValue, 0);
        var ratios = new List<object>();
        (double ownAt512, double torchAt512) = (0, 0);
        foreach (int positions in s_positions)
        {
            using var scope = NewDisposeScope();
            Tensor heads = randn(positions, task.Heads.Width), cache = randn(2, keys, positions, size), output = empty(positions, queries * size);
            var row = new AttentionRow
            {
                Heads = TensorMemory.Address(heads),
                Cache = TensorMemory.Address(cache),
                Capacity = positions,
                From = 0,
                At = 0,
                Length = positions,
                Output = TensorMemory.Address(output),
            };
            // The first runs let the compiler come to its end.
            SideBySide.Measure(Repeats, () => kernel(row, task));
            double own = SideBySide.Measure(Repeats, () => kernel(row, task));
            double torch = SideBySide.Measure(Repeats, () => ByLibtorch(heads, cache, output, task.Heads));
            ratios.Add($"{torch / own:0.00}");
            (ownAt512, torchAt512) = positions == 512 ? (own, torch) : (ownAt512, torchAt512);
        }

        table.Add([$"{queries}, {keys}, {size}", name, .. ratios, $"{ownAt512 * 1e3:0.00}", $"{torchAt512 * 1e3:0.00}"]);
    }

    private static void Few(AttentionRow row, AttentionTask task)
    {
        const int AtATime = Layers.AttentionKernels.PositionsAtATime;
        var rows = new List<AttentionRow>();
        for (int first = 0; first < row.Length; first += AtATime)
        {
            rows.Add(row with
            {
                Heads = (float*)row.Heads + ((nint)first * task.Heads.Width),
                At = first,
                Length = Math.Min(AtATime, row.Length - first),
                Output = (float*)row.Output + ((nint)first * task.Heads.QueryHeads * task.Heads.Size),
            });
        }

        AttentionKernel.Run<Float32Element>(rows, task);
    }

    private static void ByLibtorch(Tensor heads, Tensor cache, Tensor output, HeadLayout layout)
    {
        using var scope = NewDisposeScope();
        long positions = heads.size(0);
        Tensor queries = heads.narrow(1, 0, layout.Keys).view(positions, layout.QueryHeads, layout.Size).transpose(0, 1).unsqueeze(0);
        Tensor mixed = nn.functional.scaled_dot_product_attention(queries, Repeated(cache[0], layout), Repeated(cache[1], layout), is_casual: true);
        output.copy_(mixed.squeeze(0).transpose(0, 1).reshape(positions, layout.Keys));
    }

    private static Tensor Repeated(Tensor heads, HeadLayout layout) =>
        heads.unsqueeze(1).expand(layout.KeyHeads, layout.Group, heads.size(1), layout.Size).reshape(1, layout.QueryHeads, heads.size(1), layout.Size);
}
