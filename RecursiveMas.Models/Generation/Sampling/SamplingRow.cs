namespace RecursiveMas.Generation.Sampling;

/// <summary>What the sampler must know of one row of the batch: the ids so far and the row's own random numbers.</summary>
internal sealed class SamplingRow
{
    private readonly HashSet<int> _seen = [];
    private readonly List<int> _distinct = [];
    private readonly List<int> _ids = [];

    /// <param name="random">The row's generator.</param>
    /// <param name="prompt">Ids of the prompt, pads included; empty for a prompt of embeddings, which has no ids.</param>
    public SamplingRow(RowRandom random, ReadOnlySpan<int> prompt = default)
    {
        Random = random;
        foreach (int id in prompt)
            Add(id);
        PromptLength = prompt.Length;
    }

    public RowRandom Random { get; }

    public int PromptLength { get; }

    /// <summary>Ids of the prompt and generated ones.</summary>
    public IReadOnlyList<int> Ids => _ids;

    /// <summary>How many they are.</summary>
    public int Length => _ids.Count;

    public int NewTokens => Length - PromptLength;

    /// <summary>Every id of prompt and generation once, in order of appearance.</summary>
    public IReadOnlyList<int> Distinct => _distinct;

    /// <summary>A finished row is neither examined nor drawn from.</summary>
    public bool Finished { get; set; }

    /// <summary>Appends the id that was chosen for this row.</summary>
    public void Add(int id)
    {
        _ids.Add(id);
        if (_seen.Add(id))
            _distinct.Add(id);
    }
}
