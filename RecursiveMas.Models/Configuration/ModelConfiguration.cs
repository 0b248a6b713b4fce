namespace RecursiveMas;

/// <summary>What every causal language model tells of itself, whatever its family.</summary>
public record ModelConfiguration
{
    /// <summary>Family as checkpoints name it, for example "qwen3".</summary>
    public required string ModelType { get; init; }

    /// <summary>Width of input embeddings and hidden states.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Rows of the embedding table; may exceed the tokenizer's vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Most positions that the model was made for.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Whether the output head is the embedding table, as the weights have it once they are loaded.</summary>
    public required bool TiedHead { get; init; }
}
