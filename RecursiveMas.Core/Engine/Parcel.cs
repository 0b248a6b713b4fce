namespace RecursiveMas.Engine;

/// <summary>What lies at the end of an edge until the receiver's next stage: a block, or on the text channel one text a question.</summary>
internal sealed class Parcel : IDisposable
{
    public Parcel(LatentBlock block) => Block = block;

    public Parcel(IReadOnlyList<string> texts) => Texts = texts;

    public LatentBlock? Block { get; }

    public IReadOnlyList<string>? Texts { get; }

    public void Dispose() => Block?.Dispose();
}
