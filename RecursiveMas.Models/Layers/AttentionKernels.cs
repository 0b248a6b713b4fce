using RecursiveMas.Caching;
using RecursiveMas.Kernels;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>
/// Softmax attention on a CPU: norms, rotation and the way into the cache by managed kernels for all rows, and the product too: by one kernel for few new
/// positions, by another for many. Where the latter does not fit the layer, much work is left to libtorch's product, whose calls cost about as much as
/// <see cref="MostWork"/>; rows without a cache take it as well.
/// </summary>
internal sealed class AttentionKernels(AttentionShape shape, RmsNorm? queryNorm, RmsNorm? keyNorm, RotaryEmbedding rotary)
{
    /// <summary>New positions of a row that the kernel for few always takes, and takes together where there are more.</summary>
    public const int PositionsAtATime = 8;

    /// <summary>Multiplications of a row's product up to which the kernel for few positions is faster than libtorch, however many there are.</summary>
    public const long MostWork = 2_000_000;

    private readonly HeadLayout _layout = new(shape.QueryHeads, shape.KeyValueHeads, shape.HeadSize, shape.Gated ? 2 * shape.HeadSize : shape.HeadSize);
    private readonly AttentionTask _task = new(
        new HeadLayout(shape.QueryHeads, shape.KeyValueHeads, shape.HeadSize, shape.Gated ? 2 * shape.HeadSize : shape.HeadSize),
        (float)(1 / Math.Sqrt(shape.HeadSize)),
        shape.Window ?? int.MaxValue,
        (float)(shape.SoftCap?.Cap ?? 0));

    /// <summary>What a layer asks of the product.</summary>
    public AttentionTask Task => _task;

    /// <param name="heads">The result of the projections, [N, heads · D], which is written into.</param>
    /// <param name="context">The call.</param>
    /// <param name="layer">Number of the layer.</param>
    /// <returns>[N, Q·D].</returns>
    public Tensor Forward(Tensor heads, ForwardContext context, int layer) =>
        heads.dtype == ScalarType.Float32 ? Forward<Float32Element>(heads, context, layer) : Forward<BFloat16Element>(heads, context, layer);

    private unsafe Tensor Forward<T>(Tensor heads, ForwardContext context, int layer)
        where T : unmanaged, IElement<T>
    {
        T* at = (T*)TensorMemory.Address(heads);
        HeadKernel.NormAndRotate(at, context.Positions, _layout, queryNorm?.ForHeads() ?? default, keyNorm?.ForHeads() ?? default, context.Table(rotary));
        Tensor mixed = empty([context.Positions, shape.QueryHeads * shape.HeadSize], heads.dtype);
        T* to = (T*)TensorMemory.Address(mixed);
        List<AttentionRow> parts = new(context.Rows.Length), prompts = [];
        bool fits = PromptAttention.Fits(_task);
        foreach (ref readonly RowSpan row in context.Rows)
        {
            int start = row.Start;
            T* own = at + ((nint)start * _layout.Width);
            if (row.Cache is null)
            {
                Product(heads, null, context, row, mixed);
                continue;
            }

            var cache = (KeyValueCache)row.Cache.Layers[layer];
            KeyValueSlots slots = cache.Append(row.Length);
            var buffer = (T*)slots.Buffer.Address;
            HeadKernel.Append(own, row.Length, _layout, buffer, slots.Buffer.Capacity, slots.At);
            if (row.Length > PositionsAtATime && fits)
            {
                prompts.Add(Part(0, row.Length));
                continue;
            }

            if (row.Length > PositionsAtATime && (long)slots.Seen * row.Length * shape.QueryHeads * shape.HeadSize > MostWork)
            {
                Product(heads, slots, context, row, mixed);
                continue;
            }

            for (int first = 0; first < row.Length; first += PositionsAtATime)
                parts.Add(Part(first, Math.Min(PositionsAtATime, row.Length - first)));

            AttentionRow Part(int first, int length) => new()
            {
                Heads = own + ((nint)first * _layout.Width),
                Cache = buffer,
                Capacity = slots.Buffer.Capacity,
                From = slots.From,
                At = slots.At + first,
                Length = length,
                Output = to + ((nint)(start + first) * shape.QueryHeads * shape.HeadSize),
            };
        }

        if (parts.Count > 0)
            AttentionKernel.Run<T>(parts, _task);
        if (prompts.Count > 0)
            PromptAttention.Run<T>(prompts, _task);
        foreach (ref readonly RowSpan row in context.Rows)
        {
            if (row.Length > PositionsAtATime)
                (row.Cache?.Layers[layer] as KeyValueCache)?.Trim();
        }

        if (shape.Gated)
            HeadKernel.Gate(to, at, context.Positions, _layout);
        GC.KeepAlive(heads);
        return mixed;
    }

    /// <summary>The product of one row by libtorch.</summary>
    private void Product(Tensor heads, KeyValueSlots? slots, ForwardContext context, in RowSpan row, Tensor mixed)
    {
        using var scope = NewDisposeScope();
        (int q, int kv, int d) = (shape.QueryHeads, shape.KeyValueHeads, shape.HeadSize);
        Tensor own = heads.narrow(0, row.Start, row.Length).view(row.Length, shape.JoinedHeads, d);
        Tensor queries = own.narrow(1, 0, shape.ProjectedHeads).view(row.Length, q, _layout.QueryStep).narrow(2, 0, d).transpose(0, 1); // [Q, T, D]
        Tensor keys = slots?.Keys ?? own.narrow(1, shape.ProjectedHeads, kv).transpose(0, 1); // [KV, S, D]
        Tensor values = slots?.Values ?? own.narrow(1, shape.ProjectedHeads + kv, kv).transpose(0, 1);
        mixed.narrow(0, row.Start, row.Length).copy_(AttentionProduct.Compute(queries, keys, values, context, row, shape, slots?.FirstKey ?? 0));
    }
}
