using RecursiveMas.Caching;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace RecursiveMas.Layers;

/// <summary>
/// softmax(q kᵀ / √d) v of rows with one new position each, whose keys and values lie in one pool: a handful of operators for all of them. No row
/// meets what another one holds, not even behind a mask, where a NaN would still spread.
/// </summary>
internal static class RowsTogether
{
    // Keys gathered at a time, those that fill rows up included.
    private const long MostKeys = 1 << 16;

    /// <summary>Cuts rows into runs that are served together.</summary>
    public static IEnumerable<PooledRow[]> Cut(IReadOnlyList<PooledRow> rows)
    {
        var run = new List<PooledRow>();
        long longest = 0;
        foreach (PooledRow row in rows)
        {
            longest = Math.Max(longest, row.Slots.Seen);
            if (run.Count > 0 && (row.Slots.Buffer.Pool != run[0].Slots.Buffer.Pool || (run.Count + 1) * longest > MostKeys))
            {
                yield return [.. run];
                run.Clear();
                longest = row.Slots.Seen;
            }

            run.Add(row);
        }

        if (run.Count > 0)
            yield return [.. run];
    }

    /// <summary>Writes the new keys and values, and mixes the values that each row sees.</summary>
    /// <param name="queries">[N, Q, D], rotated, of all positions of the call.</param>
    /// <param name="keys">[N, KV, D], rotated.</param>
    /// <param name="values">[N, KV, D].</param>
    /// <param name="rows">The rows, R, of one pool.</param>
    /// <param name="context">The call.</param>
    /// <param name="shape">Extents.</param>
    /// <returns>[R, Q·D].</returns>
    public static Tensor Compute(Tensor queries, Tensor keys, Tensor values, PooledRow[] rows, ForwardContext context, AttentionShape shape)
    {
        (int r, int kv, int d) = (rows.Length, shape.KeyValueHeads, shape.HeadSize);
        if (r < context.Positions)
        {
            Tensor own = context.Numbers([.. rows.Select(row => (long)row.Position)]);
            (queries, keys, values) = (queries.index_select(0, own), keys.index_select(0, own), values.index_select(0, own));
        }

        Tensor added = stack([keys, values]).transpose(1, 2); // [2, KV, R, D]
        Tensor places = context.Numbers([.. rows.Select(row => Place(row, row.Slots.At))]);
        GatheredKeys seen = context.Gathered([.. rows.Select(row => Place(row, row.Slots.From))], [.. rows.Select(row => (long)row.Slots.Seen)]);
        Tensor held = rows[0].Slots.Buffer.Pool!.Use(all => all.index_copy_(2, places, added).index_select(2, seen.Places));
        held = held.view(2, kv, r, -1, d).transpose(1, 2); // [2, R, KV, S, D]
        // The heads of a group stand where query positions do, as for a row alone.
        Tensor mixed = scaled_dot_product_attention(queries.view(r, kv, shape.Group, d), held.select(0, 0), held.select(0, 1), seen.Mask);
        return mixed.reshape(r, shape.QueryHeads * d);
    }

    private static long Place(PooledRow row, int entry) => row.Slots.Buffer.Start + (long)entry;
}

/// <summary>A row with one new position whose keys and values lie in a pool.</summary>
/// <param name="Position">Its position among those of the call.</param>
/// <param name="Slots">What it sees and where the new entry goes.</param>
internal readonly record struct PooledRow(int Position, KeyValueSlots Slots);
