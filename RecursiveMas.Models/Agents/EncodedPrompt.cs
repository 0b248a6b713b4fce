namespace RecursiveMas.Agents;

/// <summary>Token ids of a prompt's pieces; between two pieces stands a slot.</summary>
/// <param name="Pieces">Ids of each piece; a piece may be empty.</param>
internal sealed record EncodedPrompt(IReadOnlyList<IReadOnlyList<int>> Pieces)
{
    public int TokenCount => Pieces.Sum(piece => piece.Count);
}
