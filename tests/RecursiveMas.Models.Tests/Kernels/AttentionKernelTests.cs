using RecursiveMas.Kernels;
using RecursiveMas.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Kernels;

/// <summary>The attention kernel against the formula written out in float64, on sizes that fill blocks and sizes that do not.</summary>
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
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)size);
        foreach ((int queryHeads, int keyHeads, int step) in new[] { (4, 2, 1), (3, 1, 1), (2, 2, 2) })
        {
            var layout = new HeadLayout(queryHeads, keyHeads, size, step * size);
            foreach ((int window, float cap) in new[] { (int.MaxValue, 0f), (int.MaxValue, 2f), (9, 0f) })
            {
                if (bfloat16)
                    Check<BFloat16Element>(layout, window, cap, ScalarType.BFloat16, 8e-3, generator);
                else
                    Check<Float32Element>(layout, window, cap, ScalarType.Float32, 3e-6, generator);
            }
        }
    }

    [Fact]
    public void Large_scores_neither_overflow_nor_lose_the_largest()
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
        Tensor mixed = Run<Float32Element>(layout, int.MaxValue, 0, [(heads, cache, 0, 199, 1)])[0];
        TensorChecks.Close(full([1, 16], 7f), mixed, 0);
    }

    private static void Check<T>(HeadLayout layout, int window, float cap, ScalarType dtype, double tolerance, Generator generator)
        where T : unmanaged, IElement<T>
    {
        // From, at, length: rows that have just begun, that lie across blocks, whose window moves on.
        (int From, int At, int Length)[] places = [(0, 0, 1), (0, 0, 7), (0, 5, 1), (0, 63, 2), (0, 64, 1), (0, 62, 8), (0, 200, 3), (17, 90, 1), (2, 1000, 8)];
        (Tensor Heads, Tensor Cache, int From, int At, int Length)[] rows = [.. places.Select(place => (
            randn([place.Length, layout.Width], generator: generator).to_type(dtype),
            randn([2, layout.KeyHeads, place.At + place.Length + 3, layout.Size], generator: generator).to_type(dtype),
            place.From, place.At, place.Length))];
        // What was never written may be anything.
        foreach ((_, Tensor cache, _, int at, int length) in rows)
            cache.narrow(2, at + length, 3).fill_(double.NaN);
        Tensor[] actual = Run<T>(layout, window, cap, rows);
        for (int i = 0; i < rows.Length; i++)
            TensorChecks.Close(Formula(layout, window, cap, rows[i]), actual[i], tolerance, $"{layout}, window {window}, cap {cap}, row {i}");
    }

    private static Tensor[] Run<T>(HeadLayout layout, int window, float cap, (Tensor Heads, Tensor Cache, int From, int At, int Length)[] rows)
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
        AttentionKernel.Run<T>(work, new AttentionTask(layout, (float)(1 / Math.Sqrt(layout.Size)), window, cap));
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
