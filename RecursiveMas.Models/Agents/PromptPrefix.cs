using RecursiveMas.Engine;
using static TorchSharp.torch;

namespace RecursiveMas.Agents;

/// <summary>
/// The columns of a batch before any slot, already read. Rounds repeat the prompt and change the vectors in its slots only, so an agent that acts again
/// goes on from here.
/// </summary>
internal sealed class PromptPrefix : IDisposable
{
    private readonly ModelCache _cache;
    private readonly int[][] _rows;

    private PromptPrefix(ModelCache cache, int[][] rows)
    {
        _cache = cache;
        _rows = rows;
    }

    /// <summary>A cache that has read the first columns of the prompts, for the caller to go on with; null to read everything.</summary>
    /// <param name="model">The model.</param>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="request">What the agent reads.</param>
    /// <param name="encoded">Its prompts as ids.</param>
    /// <param name="prompts">Its prompts as embeddings.</param>
    /// <param name="positions">How positions are counted.</param>
    public static ModelCache? Read(ICausalLanguageModel model, string agent, AgentRequest request, IReadOnlyList<EncodedPrompt> encoded, SplicedPrompts prompts, PositionRule positions)
    {
        if (request.Memory is not { } memory || encoded[0].Pieces.Count < 2)
            return null;
        // Rows are padded on the left, so the first slot of the row with the longest end decides.
        int columns = encoded.Select((prompt, row) => prompts.Width - prompts.Lengths[row] + prompt.Pieces[0].Count).Min();
        if (columns < 1 || columns >= prompts.Width)
            return null;
        int[][] rows = [.. encoded.Select((prompt, row) => Columns(prompt, prompts.Width - prompts.Lengths[row], columns))];
        // Without padding both ways of counting agree.
        if (memory.Find(agent) is PromptPrefix kept && kept.Holds(rows) && (kept._cache.Positions == positions || prompts.Mask is null))
            return kept._cache.Fork();
        if (!request.ActsAgain)
            return null;
        ModelCache cache = model.CreateCache(rows.Length, columns, positions);
        try
        {
            using var scope = NewDisposeScope();
            model.Forward(prompts.Embeddings.narrow(1, 0, columns), prompts.Mask?.narrow(1, 0, columns), cache);
        }
        catch
        {
            cache.Dispose();
            throw;
        }

        memory.Keep(agent, new PromptPrefix(cache, rows));
        return cache.Fork();
    }

    public void Dispose() => _cache.Dispose();

    /// <summary>Ids of a row's first columns, -1 at padding.</summary>
    private static int[] Columns(EncodedPrompt prompt, int padding, int columns) =>
        [.. Enumerable.Repeat(-1, Math.Min(padding, columns)), .. prompt.Pieces[0].Take(columns - padding)];

    private bool Holds(int[][] rows) => rows.Length == _rows.Length && rows.Zip(_rows).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
}
