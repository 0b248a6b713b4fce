using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Generation;

/// <summary>Decodes text from prompt embeddings, one token a step, all rows of a batch together.</summary>
internal static class TextGenerator
{
    /// <param name="model">The model.</param>
    /// <param name="embeddings">[B, T, H], left-padded.</param>
    /// <param name="mask">[B, T] bool, false at padding; null for none.</param>
    /// <param name="settings">When to stop and what to feed to finished rows.</param>
    /// <param name="choose">Picks the next token of each row from logits [B, V].</param>
    /// <param name="tokenWritten">Told row and token of each new token of an unfinished row.</param>
    /// <param name="cancellationToken">Checked before each token.</param>
    /// <param name="begun">A cache that has read the first columns of the prompt, taken over; null to read all of it.</param>
    /// <returns>New ids of each row, its end-of-sequence token included if it came.</returns>
    public static IReadOnlyList<int>[] Run(
        ICausalLanguageModel model,
        Tensor embeddings,
        Tensor? mask,
        GenerationSettings settings,
        Func<Tensor, int[]> choose,
        Action<int, int>? tokenWritten,
        CancellationToken cancellationToken,
        ModelCache? begun = null)
    {
        int rows = (int)embeddings.size(0);
        var written = new List<int>[rows];
        for (int row = 0; row < rows; row++)
            written[row] = [];
        var finished = new bool[rows];
        using ModelCache cache = begun ?? model.CreateCache(rows, (int)embeddings.size(1) + settings.MaxNewTokens - 1, PositionRule.MaskCount);
        using var promptScope = NewDisposeScope();
        Tensor input = embeddings.From(cache.Length);
        mask = mask?.From(cache.Length);
        for (int step = 0; step < settings.MaxNewTokens; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            if (step > 0)
                input = model.Embed(tensor([.. written.Select((ids, row) => finished[row] ? (long)settings.PadId : ids[^1])], [rows, 1], int64));
            Tensor hidden = model.Forward(input, step == 0 ? mask : null, cache); // [B, T or 1, H]
            Tensor last = hidden.narrow(1, hidden.size(1) - 1, 1).squeeze(1); // [B, H]
            int[] next = choose(model.Logits(last));
            for (int row = 0; row < rows; row++)
            {
                if (finished[row])
                    continue;
                written[row].Add(next[row]);
                finished[row] = settings.EndIds.Contains(next[row]);
                tokenWritten?.Invoke(row, next[row]);
            }

            if (!finished.Contains(false))
                break;
        }

        return written;
    }
}

/// <summary>When decoding stops and what finished rows are fed.</summary>
/// <param name="MaxNewTokens">Most new tokens of a row, at least 1.</param>
/// <param name="EndIds">Tokens that end a row; empty for none.</param>
/// <param name="PadId">Fed to rows that have ended while others go on.</param>
internal sealed record GenerationSettings(int MaxNewTokens, IReadOnlySet<int> EndIds, int PadId);
