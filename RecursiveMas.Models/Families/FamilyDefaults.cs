namespace RecursiveMas.Families;

/// <summary>
/// What transformers 5 takes for the fields of a family that a configuration leaves out. Files were saved in reliance on it.
/// </summary>
internal sealed record FamilyDefaults
{
    public required int VocabularySize { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int LayerCount { get; init; }

    public required int QueryHeads { get; init; }

    /// <summary>Null for as many as there are query heads.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>Whether a null in the file means as many as there are query heads; else it is an error.</summary>
    public bool KeyValueHeadsMayBeNull { get; init; }

    /// <summary>Null for the hidden size divided by the query heads.</summary>
    public int? HeadSize { get; init; }

    /// <summary>Whether a null in the file means the hidden size divided by the query heads; else it is an error.</summary>
    public bool HeadSizeMayBeNull { get; init; }

    public required int MaxPositions { get; init; }

    public double NormEps { get; init; } = 1e-6;

    public bool TiedHead { get; init; }

    /// <summary>Whether the family has the field <c>attention_bias</c>.</summary>
    public bool HasAttentionBias { get; init; } = true;
}
