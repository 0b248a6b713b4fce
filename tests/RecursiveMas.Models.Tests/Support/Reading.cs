using RecursiveMas.Links;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests;

/// <summary>The ways of reading rows that tests compare; the plainest of them, one row without a cache, is the oracle of all.</summary>
internal static class Reading
{
    /// <summary>One row [T, H] in a call of its own.</summary>
    public static Tensor Read(this ICausalLanguageModel model, Tensor row, ModelCache? cache = null) =>
        model.Forward(row, [new ForwardRow((int)row.size(0), cache)]);

    /// <summary>Several rows [T_i, H] in one call; the states of each.</summary>
    public static Tensor[] ReadTogether(this ICausalLanguageModel model, params IReadOnlyList<(Tensor Row, ModelCache? Cache)> rows)
    {
        Tensor states = model.Forward(cat([.. rows.Select(row => row.Row)]), [.. rows.Select(row => new ForwardRow((int)row.Row.size(0), row.Cache))]);
        return states.split([.. rows.Select(row => row.Row.size(0))], 0);
    }

    /// <summary>One row in pieces of so many positions each; the last piece takes what is left.</summary>
    public static Tensor ReadInPieces(this ICausalLanguageModel model, Tensor row, ModelCache cache, params IEnumerable<int> pieces)
    {
        var states = new List<Tensor>();
        long at = 0;
        foreach (int piece in pieces.Append(int.MaxValue))
        {
            long length = Math.Min(piece, row.size(0) - at);
            if (length > 0)
                states.Add(model.Read(row.narrow(0, at, length), cache));
            at += length;
        }

        return cat(states);
    }

    /// <summary>The rows of a batch that was recorded with padding on the left: [B, T, H] and [B, T] to [T_i, H] each.</summary>
    public static Tensor[] WithoutPadding(Tensor batch, Tensor mask)
    {
        long[] lengths = [.. mask.ne(0).sum(1).cpu().data<long>()];
        return [.. lengths.Select((length, row) => batch[row].narrow(0, batch.size(1) - length, length))];
    }

    /// <summary>The latent rollout of one row, cached, or anew at each step: h_1 … h_m, [m, H].</summary>
    public static Tensor Rollout(this ICausalLanguageModel model, Tensor row, AdapterLink inner, int steps, bool cached)
    {
        using ModelCache? cache = cached ? model.CreateCache() : null;
        var states = new List<Tensor>();
        Tensor whole = row, next = row;
        for (int step = 0; step < steps; step++)
        {
            Tensor state = Last(model.Read(cached ? next : whole, cache)); // [1, H]
            states.Add(state);
            next = inner.Forward(state).to_type(model.Dtype);
            whole = cat([whole, next]);
        }

        return cat(states);
    }

    /// <summary>Decodes one row greedily, or as forced: <paramref name="choose"/> is given the number of the token and the scores [V].</summary>
    public static int[] Write(this ICausalLanguageModel model, Tensor row, int tokens, Func<int, Tensor, int>? choose = null)
    {
        using ModelCache cache = model.CreateCache((int)row.size(0) + tokens - 1);
        var written = new int[tokens];
        Tensor next = row;
        for (int i = 0; i < tokens; i++)
        {
            using var scope = NewDisposeScope();
            Tensor scores = model.Logits(Last(model.Read(next, cache)))[0];
            written[i] = choose?.Invoke(i, scores) ?? (int)scores.argmax().ToInt64();
            next = model.Embed(tensor(new long[] { written[i] })).MoveToOuterDisposeScope();
        }

        return written;
    }

    /// <summary>The state at the last position, [1, H].</summary>
    public static Tensor Last(Tensor states) => states.narrow(0, states.size(0) - 1, 1);
}
