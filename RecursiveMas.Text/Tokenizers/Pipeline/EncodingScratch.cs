using RecursiveMas.Tokenizers.Bpe;
using RecursiveMas.Tokenizers.PreTokenizers;

namespace RecursiveMas.Tokenizers.Pipeline;

/// <summary>Working memory of one encoding at a time.</summary>
internal sealed class EncodingScratch
{
    public PieceList Pieces { get; } = new();

    /// <summary>For stretches between added tokens that are found in normalised text.</summary>
    public PieceList InnerPieces { get; } = new();

    public BpeScratch Bpe { get; } = new();

    public WordCache Cache { get; } = new();

    public List<(int Id, int Start, int End)> Spans { get; } = [];

    public List<(int Id, int Start, int End)> InnerSpans { get; } = [];

    public List<int> Ids { get; } = [];

    /// <summary>Ranges of the source, one for each id; only filled where asked for.</summary>
    public List<(int Start, int End)> Offsets { get; } = [];

    public void Reset()
    {
        const int kept = 1 << 19;
        Pieces.Trim();
        InnerPieces.Trim();
        Bpe.Trim();
        Spans.Clear();
        InnerSpans.Clear();
        Ids.Clear();
        Offsets.Clear();
        if (Ids.Capacity > kept)
            Ids.Capacity = 0;
        if (Offsets.Capacity > kept)
            Offsets.Capacity = 0;
    }
}

/// <summary>A few scratch memories for reuse, so that their caches stay warm. Safe for concurrent use.</summary>
internal sealed class ScratchPool
{
    private readonly EncodingScratch?[] _free = new EncodingScratch?[Math.Clamp(Environment.ProcessorCount, 1, 16)];

    public EncodingScratch Rent()
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (Interlocked.Exchange(ref _free[i], null) is { } scratch)
                return scratch;
        }

        return new EncodingScratch();
    }

    public void Return(EncodingScratch scratch)
    {
        scratch.Reset();
        for (int i = 0; i < _free.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _free[i], scratch, null) is null)
                return;
        }
    }
}
