namespace RecursiveMas.Runs;

/// <summary>What has crossed an edge and waits for its receiver's next turn: a block, or on the text channel a text.</summary>
internal sealed class HopMessage : IDisposable
{
    public HopMessage(LatentBlock block) => Block = block;

    public HopMessage(string text) => Text = text;

    public LatentBlock? Block { get; }

    public string? Text { get; }

    /// <summary>Norms before the link; null if there was none.</summary>
    public VectorNorms? Before { get; init; }

    /// <summary>Tokens near to the sender's states; null if nobody asked.</summary>
    public IReadOnlyList<IReadOnlyList<NearToken>>? ReadOut { get; init; }

    public void Dispose() => Block?.Dispose();
}
