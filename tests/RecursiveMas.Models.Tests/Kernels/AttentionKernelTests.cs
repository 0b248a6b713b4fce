using System.Runtime.Intrinsics;
using RecursiveMas.Kernels;
using RecursiveMas.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Kernels;

/// <summary>Both attention kernels against the formula written out in float64, on sizes that fill blocks and sizes that do not.</summary>
public unsafe class AttentionKernelTests
{
    public static IEnumerable<object[]> Cases =>
        from size in new[] { 2, 6, 8, 16, 20, 24, 28, 36, 48, 64, 80, 128 }
        from bfloat16 in new[] { false, true }
        select new object[] { size, bfloat16 };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equal_to_the_formula(int size, bool bfloat16)
    {
        // Rows that have just begun, that lie across blocks, whose window moves on.
        (int From, int At, int Length)[] places = [(0, 0, 1), (0, 0, 7), (0, 5, 1), (0, 63, 2), (0, 64, 1), (0, 62, 8), (0, 200, 3), (17, 90, 1), (2, 1000, 8)];
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)size);
        foreach ((int queryHeads, int keyHeads, int step) in new[] { (4, 2, 1), (3, 1, 1), (2, 2, 2) })
        {
            var layout = new HeadLayout(queryHeads, keyHeads, size, step * size);
            foreach ((int window, float cap) in new[] { (int.MaxValue, 0f), (int.MaxValue, 2f), (9, 0f) })
            {
                if (bfloat16)
                    Check<BFloat16Element>(layout, window, cap, ScalarType.BFloat16, 8e-3, generator, places, AttentionKernel.Run<BFloat16Element>);
                else
                    Check<Float32Element>(layout, window, cap, ScalarType.Float32, 3e-6, generator, places, AttentionKernel.Run<Float32Element>);
            }
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(128)]
    public void Prompts_equal_to_the_formula(int size)
    {
        // Rows that have just begun, go on, end with a block of keys or of positions and do not; the least and the most that a window can hide.
        (int From, int At, int Length)[] places =
            [(0, 0, 1), (0, 0, 31), (0, 0, 33), (0, 0, 128), (0, 0, 161), (0, 7, 32), (0, 120, 9), (0, 250, 70), (17, 90, 64), (130, 260, 40)];
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)size);
        foreach ((int queryHeads, int keyHeads, int step) in new[] { (4, 2, 1), (3, 1, 1), (7, 1, 1), (2, 2, 2) })
        {
            var layout = new HeadLayout(queryHeads, keyHeads, size, step * size);
            foreach (int window in new[] { int.MaxValue, 9, 130 })
            {
                foreach (Kernel<Float32Element> kernel in PromptKernels<Float32Element>(size))
                    Check(layout, window, 0, ScalarType.Float32, 3e-6, generator, places, kernel);
                Check(layout, window, 0, ScalarType.BFloat16, 8e-3, generator, places, PromptKernels<BFloat16Element>(size).Last());
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Large_scores_neither_overflow_nor_lose_the_largest(bool prompt)
    {
        using var scope = NewDisposeScope();
        var layout = new HeadLayout(1, 1, 16, 16);
        Tensor heads = zeros(1, layout.Width), cache = zeros(2, 1, 200, 16);
        heads.narrow(1, 0, 16).fill_(100);
        cache[0].fill_(-100);
        // Larger by far than all others, in the last block but one.
        cache[0, 0, 150].fill_(100);
        cache[1].fill_(3);
        cache[1, 0, 150].fill_(7);
        Kernel<Float32Element> kernel = prompt ? PromptAttention.Run<Float32Element, Lanes128, Vector128<float>> : AttentionKernel.Run<Float32Element>;
        Tensor mixed = Run(layout, int.MaxValue, 0, [(heads, cache, 0, 199, 1)], kernel)[0];
        TensorChecks.Close(full([1, 16], 7f), mixed, 0);
    }

    private delegate void Kernel<T>(List<AttentionRow> rows, AttentionTask task)
        where T : unmanaged, IElement<T>;

    private static IEnumerable<Kernel<T>> PromptKernels<T>(int size)
        where T : unmanaged, IElement<T>
    {
        if (size % Block.Length == 0)
            yield return PromptAttention.Run<T, Lanes128, Vector128<float>>;
        if (Vector256.IsHardwareAccelerated && size % (2 * Lanes256.Count) == 0)
            yield return PromptAttention.Run<T, Lanes256, Vector256<float>>;
        if (Vector512.IsHardwareAccelerated && size % (2 * Lanes512.Count) == 0)
            yield return PromptAttention.Run<T, Lanes512, Vector512<float>>;
    }

    private static void Check<T>(
        HeadLayout layout,
        int window,
        float cap,
        ScalarType dtype,
        double tolerance,
        Generator generator,
        (int From, int At, int Length)[] places,
        Kernel<T> kernel)
        where T : unmanaged, IElement<T>
    {
        (Tensor Heads, Tensor Cache, int From, int At, int Length)[] rows = [.. places.Select(place => (
            randn([place.Length, layout.Width], generator: generator).to_type(dtype),
            randn([2, layout.KeyHeads, place.At + place.Length + 3, layout.Size], generator: generator).to_type(dtype),
            place.From, place.At, place.Length))];
        // What was never written may be anything.
        foreach ((_, Tensor cache, _, int at, int length) in rows)
            cache.narrow(2, at + length, 3).fill_(double.NaN);
        Tensor[] actual = Run(layout, window, cap, rows, kernel);
        for (int i = 0; i < rows.Length; i++)
            TensorChecks.Close(Formula(layout, window, cap, rows[i]), actual[i], tolerance, $"{layout}, window {window}, cap {cap}, row {i}");
    }

    private static Tensor[] Run<T>(
        HeadLayout layout, int window, float cap, (Tensor Heads, Tensor Cache, int From, int At, int Length)[] rows, Kernel<T> kernel)
        where T : unmanaged, IElement<T>
    {
        Tensor[] mixed = [.. rows.Select(row => empty([row.Length, layout.QueryHeads * layout.Size], row.Heads.dtype))];
        List<AttentionRow> work = [.. rows.Select((row, i) => new AttentionRow
        {
            Heads = TensorMemory.Address(row.Heads),
            Cache = TensorMemory.Address(row.Cache),
            Capacity = (int)row.Cache.size(2),
            From = row.From,
            At = row.At,
            Length = row.Length,
            Output = TensorMemory.Address(mixed[i]),
        })];
        kernel(work, new AttentionTask(layout, (float)(1 / Math.Sqrt(layout.Size)), window, cap));
        return mixed;
    }

    private static Tensor Formula(HeadLayout layout, int window, float cap, (Tensor Heads, Tensor Cache, int From, int At, int Length) row)
    {
        int seen = row.At + row.Length - row.From;
        Tensor wide = row.Heads.to_type(ScalarType.Float64);
        // [Q, T, D]
        Tensor queries = stack(Enumerable.Range(0, layout.QueryHeads).Select(head => wide.narrow(1, head * layout.QueryStep, layout.Size)).ToArray());
        Tensor cache = row.Cache.to_type(ScalarType.Float64).narrow(2, row.From, seen).repeat_interleave(layout.Group, 1); // [2, Q, S, D]
        Tensor scores = queries.matmul(cache[0].transpose(1, 2)) / Math.Sqrt(layout.Size); // [Q, T, S]
        if (cap > 0)
            scores = (scores / cap).tanh() * cap;
        Tensor queryAt = arange(row.At, row.At + row.Length).unsqueeze(1), keyAt = arange(row.From, row.At + row.Length).unsqueeze(0);
        Tensor hidden = (keyAt > queryAt).logical_or(keyAt <= queryAt - (long)window);
        Tensor mixed = scores.masked_fill(hidden, double.NegativeInfinity).softmax(-1).matmul(cache[1]); // [Q, T, D]
        return mixed.transpose(0, 1).reshape(row.Length, layout.QueryHeads * layout.Size);
    }
}
