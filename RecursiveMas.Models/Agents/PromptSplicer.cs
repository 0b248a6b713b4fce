using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Agents;

/// <summary>Prompts of a batch as embeddings: pieces of text with latent blocks between them, padded on the left with zeros.</summary>
/// <param name="Embeddings">[B, T, H].</param>
/// <param name="Mask">[B, T] bool, false at padding; null if all rows have the same length.</param>
/// <param name="Lengths">Real positions of each row.</param>
internal sealed record SplicedPrompts(Tensor Embeddings, Tensor? Mask, IReadOnlyList<int> Lengths)
{
    public int Width => (int)Embeddings.size(1);
}

/// <summary>Makes <see cref="SplicedPrompts"/>. Blocks go in as they are: no scale, no separator.</summary>
internal static class PromptSplicer
{
    /// <param name="model">The receiver.</param>
    /// <param name="agent">Its name, for messages.</param>
    /// <param name="prompts">Token ids of each row's pieces; n slots stand between n + 1 pieces.</param>
    /// <param name="blocks">The blocks of the slots, in prompt order, each [B, m, H].</param>
    /// <returns>Tensors that join the current scope.</returns>
    public static SplicedPrompts Splice(ICausalLanguageModel model, string agent, IReadOnlyList<EncodedPrompt> prompts, IReadOnlyList<LatentBlock> blocks)
    {
        foreach (LatentBlock block in blocks)
            CheckBlock(block, prompts.Count, model.Configuration.HiddenSize, agent);
        using var scope = NewDisposeScope();
        Tensor[] inserted = [.. blocks.Select(block => block.Values.to(model.Dtype, model.Device))];
        var rows = new Tensor[prompts.Count];
        for (int row = 0; row < rows.Length; row++)
            rows[row] = Row(model, agent, row, prompts[row], inserted);
        int width = rows.Max(row => (int)row.size(0));
        int[] lengths = [.. rows.Select(row => (int)row.size(0))];
        Tensor embeddings = stack(rows.Select(row => Padded(row, width)).ToArray()).MoveToOuterDisposeScope();
        return new SplicedPrompts(embeddings, Mask(lengths, width, model.Device)?.MoveToOuterDisposeScope(), lengths);
    }

    private static Tensor Row(ICausalLanguageModel model, string agent, int row, EncodedPrompt prompt, Tensor[] blocks)
    {
        long[] ids = [.. prompt.Pieces.SelectMany(piece => piece).Select(id => (long)id)];
        foreach (long id in ids)
        {
            if (id >= model.Configuration.VocabularySize)
                throw new PromptException($"The prompt of '{agent}' for question {row + 1} has the token {id}, but its model has {model.Configuration.VocabularySize} embeddings. Tokenizer and model are not of one checkpoint.");
        }

        var parts = new List<Tensor>((2 * blocks.Length) + 1);
        Tensor? embedded = ids.Length == 0 ? null : model.Embed(tensor(ids, [1, ids.Length], int64)).squeeze(0); // [ids, H]
        long at = 0;
        for (int i = 0; i < prompt.Pieces.Count; i++)
        {
            int length = prompt.Pieces[i].Count;
            if (length > 0)
                parts.Add(embedded!.narrow(0, at, length));
            at += length;
            if (i < blocks.Length && blocks[i].size(1) > 0)
                parts.Add(blocks[i][row]);
        }

        return parts.Count > 0
            ? cat(parts, 0)
            : throw new PromptException($"The prompt of '{agent}' for question {row + 1} is empty. Give it some text.");
    }

    private static Tensor Padded(Tensor row, int width)
    {
        long missing = width - row.size(0);
        return missing == 0 ? row : cat([zeros([missing, row.size(1)], row.dtype, row.device), row], 0);
    }

    private static Tensor? Mask(int[] lengths, int width, Device device)
    {
        if (lengths.All(length => length == width))
            return null;
        Tensor start = tensor([.. lengths.Select(length => (long)(width - length))], [lengths.Length, 1], int64, device);
        return arange(width, int64, device).unsqueeze(0) >= start; // [B, T]
    }

    private static void CheckBlock(LatentBlock block, int rows, int width, string agent)
    {
        if (block.HiddenSize != width)
            throw new GraphException($"A block of width {block.HiddenSize} arrived at '{agent}', whose embeddings have width {width}. Check the link of its edge.");
        if (block.BatchSize != rows)
            throw new GraphException($"A block for {block.BatchSize} questions arrived at '{agent}', which reads {rows} prompts.");
    }
}
