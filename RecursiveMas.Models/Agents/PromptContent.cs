using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Agents;

/// <summary>A part of a prompt as the model reads it: token ids, or the vectors of a latent block.</summary>
/// <param name="Ids">The ids; empty for vectors.</param>
/// <param name="Vectors">[k, H] in the model's element type and on its device; null for ids.</param>
internal readonly record struct PromptSegment(int[] Ids, Tensor? Vectors)
{
    public int Length => Vectors is null ? Ids.Length : (int)Vectors.size(0);
}

/// <summary>A whole prompt as the model reads it: pieces of text with latent blocks between them. Blocks go in as they are: no scale, no separator.</summary>
/// <remarks>Vectors join the scope in which it was made.</remarks>
internal sealed class PromptContent
{
    private PromptContent(IReadOnlyList<PromptSegment> segments)
    {
        Segments = segments;
        Length = segments.Sum(segment => segment.Length);
    }

    public IReadOnlyList<PromptSegment> Segments { get; }

    /// <summary>Positions.</summary>
    public int Length { get; }

    /// <param name="model">The receiver.</param>
    /// <param name="agent">Its name, for messages.</param>
    /// <param name="prompt">Token ids of the pieces.</param>
    /// <param name="slots">Names of the slots between them.</param>
    /// <param name="blocks">The block of each slot, by name.</param>
    /// <exception cref="PromptException">The prompt is empty, a slot has no block, or a token is beyond the model's embeddings.</exception>
    /// <exception cref="GraphException">A block has another width than the model.</exception>
    public static PromptContent Create(
        ICausalLanguageModel model,
        string agent,
        EncodedPrompt prompt,
        string[] slots,
        IReadOnlyDictionary<string, LatentBlock> blocks)
    {
        var segments = new List<PromptSegment>();
        for (int i = 0; i < prompt.Pieces.Count; i++)
        {
            int[] ids = [.. prompt.Pieces[i]];
            CheckIds(model, agent, ids);
            if (ids.Length > 0)
                segments.Add(new PromptSegment(ids, null));
            if (i == slots.Length)
                break;
            LatentBlock block = blocks.TryGetValue(slots[i], out LatentBlock? found)
                ? found
                : throw new PromptException(
                    $"The prompt of '{agent}' has the slot '{slots[i]}', for which no block was given. Given: " +
                    $"{(blocks.Count == 0 ? "none" : string.Join(", ", blocks.Keys))}.");
            if (block.HiddenSize != model.Configuration.HiddenSize)
                throw new GraphException(
                    $"A block of width {block.HiddenSize} arrived at '{agent}', whose embeddings have width {model.Configuration.HiddenSize}. " +
                    "Check the link of its edge.");
            if (block.Steps > 0)
                segments.Add(new PromptSegment([], block.Values.to(model.Dtype, model.Device)));
        }

        return segments.Count > 0
            ? new PromptContent(segments)
            : throw new PromptException($"The prompt of '{agent}' is empty. Give it some text.");
    }

    public static void CheckIds(ICausalLanguageModel model, string agent, int[] ids)
    {
        int odd = Array.FindIndex(ids, id => id >= model.Configuration.VocabularySize);
        if (odd >= 0)
        {
            throw new PromptException(
                $"The prompt of '{agent}' has the token {ids[odd]}, but its model has {model.Configuration.VocabularySize} embeddings. " +
                "Tokenizer and model are not of one checkpoint.");
        }
    }
}
