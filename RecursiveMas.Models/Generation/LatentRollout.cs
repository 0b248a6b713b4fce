using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Generation;

/// <summary>
/// The latent rollout: the state after the final norm at the last position goes through the inner link and is fed back as the next
/// input embedding, m times. Source: arXiv 2604.25917 and its released code.
/// </summary>
internal static class LatentRollout
{
    /// <summary>Reads the prompt once and takes each further step with a cache.</summary>
    /// <param name="model">The model.</param>
    /// <param name="embeddings">[B, T, H], left-padded.</param>
    /// <param name="mask">[B, T] bool, false at padding; null for none.</param>
    /// <param name="inner">The inner link.</param>
    /// <param name="steps">m, at least 1.</param>
    /// <param name="stepTaken">Told the number of each finished step, from 1.</param>
    /// <param name="cancellationToken">Checked before each step.</param>
    /// <param name="begun">A cache that has read the first columns of the prompt, taken over; null to read all of it.</param>
    /// <returns>h_1 … h_m, [B, m, H], before the inner link.</returns>
    public static Tensor Run(
        ICausalLanguageModel model,
        Tensor embeddings,
        Tensor? mask,
        IRecursiveLink inner,
        int steps,
        Action<int>? stepTaken,
        CancellationToken cancellationToken,
        ModelCache? begun = null)
    {
        using ModelCache cache = begun ?? model.CreateCache((int)embeddings.size(0), (int)embeddings.size(1) + steps - 1, PositionRule.RowIndex);
        using var scope = NewDisposeScope();
        Tensor unread = embeddings.From(cache.Length);
        return Collect(
            unread,
            inner,
            steps,
            next => model.Forward(next, ReferenceEquals(next, unread) ? mask?.From(embeddings.size(1) - unread.size(1)) : null, cache),
            stepTaken,
            cancellationToken).MoveToOuterDisposeScope();
    }

    /// <summary>The reference's way, the oracle of the cached one: encodes the whole sequence anew at every step.</summary>
    public static Tensor RunUncached(ICausalLanguageModel model, Tensor embeddings, Tensor? mask, IRecursiveLink inner, int steps, Action<int>? stepTaken, CancellationToken cancellationToken)
    {
        var read = new List<Tensor> { embeddings };
        return Collect(
            embeddings,
            inner,
            steps,
            next =>
            {
                if (!ReferenceEquals(next, embeddings))
                    read.Add(next);
                Tensor? wholeMask = mask is null ? null : cat([mask, ones([mask.size(0), read.Count - 1], @bool, mask.device)], 1);
                return model.Forward(cat(read, 1), wholeMask);
            },
            stepTaken,
            cancellationToken);
    }

    private static Tensor Collect(Tensor embeddings, IRecursiveLink inner, int steps, Func<Tensor, Tensor> forward, Action<int>? stepTaken, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var states = new List<Tensor>(steps);
        Tensor next = embeddings;
        for (int step = 1; step <= steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            Tensor hidden = forward(next);
            Tensor state = hidden.narrow(1, hidden.size(1) - 1, 1).clone().MoveToOuterDisposeScope(); // [B, 1, H]
            states.Add(state);
            stepTaken?.Invoke(step);
            // The vector of the last step is handed on but never read by its own model.
            if (step < steps)
                next = Map(inner, state, embeddings.dtype).MoveToOuterDisposeScope();
        }

        return cat(states, 1).MoveToOuterDisposeScope(); // [B, m, H]
    }

    private static Tensor Map(IRecursiveLink inner, Tensor state, ScalarType dtype)
    {
        using var block = new LatentBlock(state.alias());
        using LatentBlock mapped = inner.Apply(block, dtype);
        return mapped.Values.alias();
    }
}

internal static class Columns
{
    /// <summary>The columns [B, from …] of [B, T, …].</summary>
    public static Tensor From(this Tensor tensor, long from) => tensor.narrow(1, from, tensor.size(1) - from);
}
