using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>
/// The gated delta rule, per row and head: S ← e^g S; S ← S + k (β (v − Sᵀk))ᵀ; o = Sᵀq. Everything in float32.
/// Once step by step, and once in chunks, whose steps are solved together. Source: arXiv 2412.06464.
/// </summary>
/// <remarks>q and k [B, T, N, K], v [B, T, N, V], beta and g [B, T, N], the state [B, N, K, V]; a null state is zero.</remarks>
internal static class GatedDeltaRule
{
    /// <summary>Steps that are solved together.</summary>
    public const int ChunkLength = 64;

    /// <summary>Step by step: for decoding.</summary>
    /// <param name="input">What goes in.</param>
    /// <param name="state">The state before; null for zeros.</param>
    /// <param name="overwrite">Whether the state's memory may be reused for the new one, which is then the same tensor.</param>
    /// <returns>Outputs [B, T, N, V] and the state after.</returns>
    public static (Tensor Output, Tensor State) Recurrent(DeltaInput input, Tensor? state, bool overwrite = false)
    {
        (Tensor q, Tensor k, Tensor v) = (input.Queries, input.Keys, input.Values);
        Tensor decays = input.LogDecay.exp(); // [B, T, N]
        state ??= zeros([q.size(0), q.size(2), q.size(3), v.size(3)], float32, q.device);
        bool inPlace = !is_grad_enabled();
        int steps = (int)q.size(1);
        var outputs = new Tensor[steps];
        for (int t = 0; t < steps; t++)
        {
            Tensor decay = decays.select(1, t).unsqueeze(-1).unsqueeze(-1); // [B, N, 1, 1]
            Tensor key = k.select(1, t); // [B, N, K]
            state = overwrite && inPlace ? state.mul_(decay) : state * decay; // [B, N, K, V]
            overwrite = true;
            Tensor read = key.unsqueeze(-2).matmul(state).squeeze(-2); // [B, N, V]
            Tensor change = (v.select(1, t) - read) * input.Beta.select(1, t).unsqueeze(-1);
            (Tensor column, Tensor row) = (key.unsqueeze(-1), change.unsqueeze(-2));
            state = inPlace ? state.addcmul_(column, row, HeldNumbers.One) : state.addcmul(column, row, HeldNumbers.One);
            outputs[t] = q.select(1, t).unsqueeze(-2).matmul(state).squeeze(-2); // [B, N, V]
        }

        return (steps == 1 ? outputs[0].unsqueeze(1) : stack(outputs, 1), state);
    }

    /// <summary>In chunks: for prompts. The same up to rounding.</summary>
    /// <inheritdoc cref="Recurrent"/>
    public static (Tensor Output, Tensor State) Chunked(DeltaInput input, Tensor? state)
    {
        int steps = (int)input.Queries.size(1), length = Math.Min(steps, ChunkLength), chunks = (steps + length - 1) / length;
        Tensor q = Cut(input.Queries), k = Cut(input.Keys), v = Cut(input.Values); // [B, N, C, n, K or V]
        Tensor beta = Cut(input.Beta.unsqueeze(-1)); // [B, N, C, n, 1]
        Tensor g = Cut(input.LogDecay.unsqueeze(-1));

        // log D_ij = g_{j+1} + … + g_i: summed rather than subtracted, so that a strong decay cannot swallow the weak ones after it.
        Tensor decay = g.expand(-1, -1, -1, length, length).tril(-1).cumsum(-2).exp().tril(); // [B, N, C, n, n], D_ii = 1
        Tensor since = g.cumsum(-2).exp(); // [B, N, C, n, 1]: decay since the chunk's start, inclusive
        Tensor weighted = k * beta;
        Tensor interaction = (weighted.matmul(k.transpose(-1, -2)) * decay).tril(-1);
        // One unit triangular solve for pseudo values and pseudo keys; the diagonal of ones is implied.
        Tensor solved = linalg.solve_triangular(interaction, cat([v * beta, weighted * since], -1), upper: false, left: true, unitriangular: true);
        Tensor values = solved.narrow(-1, 0, v.size(-1)), keys = solved.narrow(-1, v.size(-1), k.size(-1));
        Tensor within = q.matmul(k.transpose(-1, -2)) * decay;
        Tensor queries = q * since;
        Tensor kept = k * decay.narrow(-2, length - 1, 1).transpose(-1, -2); // each key as far as it lasts to the chunk's end
        Tensor whole = since.narrow(-2, length - 1, 1); // [B, N, C, 1, 1]

        state ??= zeros([q.size(0), q.size(1), k.size(-1), v.size(-1)], float32, q.device);
        var outputs = new Tensor[chunks];
        for (int c = 0; c < chunks; c++)
        {
            Tensor corrected = values.select(2, c) - keys.select(2, c).matmul(state); // [B, N, n, V]
            outputs[c] = queries.select(2, c).matmul(state).Plus(within.select(2, c).matmul(corrected));
            state = (state * whole.select(2, c)).Plus(kept.select(2, c).transpose(-1, -2).matmul(corrected));
        }

        Tensor output = chunks == 1 ? outputs[0] : cat(outputs, 2); // [B, N, C·n, V]
        return (output.narrow(2, 0, steps).transpose(1, 2), state);

        // The tail is filled with zeros, which neither decay nor write.
        Tensor Cut(Tensor x)
        {
            long missing = ((long)chunks * length) - steps;
            if (missing > 0)
                x = cat([x, zeros([x.size(0), missing, x.size(2), x.size(3)], x.dtype, x.device)], 1);
            return x.transpose(1, 2).reshape(x.size(0), x.size(2), chunks, length, x.size(3));
        }
    }
}

/// <summary>What goes into the rule, all float32.</summary>
/// <param name="Queries">[B, T, N, K], normalised and scaled.</param>
/// <param name="Keys">[B, T, N, K], normalised.</param>
/// <param name="Values">[B, T, N, V].</param>
/// <param name="Beta">[B, T, N], strength of writing, 0 … 1.</param>
/// <param name="LogDecay">[B, T, N], g ≤ 0.</param>
internal readonly record struct DeltaInput(Tensor Queries, Tensor Keys, Tensor Values, Tensor Beta, Tensor LogDecay);
