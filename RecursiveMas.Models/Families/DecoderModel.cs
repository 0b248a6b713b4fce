using RecursiveMas.Caching;
using RecursiveMas.Layers;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Embedding, layers, final norm, head: the frame that every family fills.</summary>
internal sealed class DecoderModel : ICausalLanguageModel
{
    private readonly ComputePlan _plan;
    private readonly DecoderParts _parts;
    private readonly IReadOnlyList<LayerCacheShape> _caches;
    private bool _disposed;

    /// <summary>Takes the parts over.</summary>
    public DecoderModel(DecoderConfiguration configuration, ComputePlan plan, DecoderParts parts)
    {
        Configuration = configuration;
        _caches = configuration.Caches();
        _plan = plan;
        _parts = parts;
    }

    public ModelConfiguration Configuration { get; }

    public ScalarType Dtype => _plan.Dtype;

    public Device Device => _plan.Device;

    public Tensor Embed(Tensor ids)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _parts.Embedding.Forward(ids);
    }

    public Tensor Forward(Tensor embeddings, Tensor? mask = null, ModelCache? cache = null, PositionRule positions = PositionRule.RowIndex) =>
        Forward(embeddings, mask, cache, positions, layerDone: null);

    /// <summary>As the public one; tells the state after each layer, from 0 for the embeddings; the last one before the final norm.</summary>
    internal Tensor Forward(Tensor embeddings, Tensor? mask, ModelCache? cache, PositionRule positions, Action<int, Tensor>? layerDone)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var scope = NewDisposeScope();
        Tensor x = embeddings.to(Dtype, Device); // [B, T, H]
        mask = mask?.to(Device);
        using var context = new ForwardContext((int)x.size(0), (int)x.size(1), mask, cache, cache?.Positions ?? positions, Dtype, Device);
        // What stands at padding means nothing, but were it infinite it would reach real positions as 0 · inf.
        if (mask is not null)
            x = x.masked_fill(mask.logical_not().unsqueeze(-1), 0);
        layerDone?.Invoke(0, x);
        for (int i = 0; i < _parts.Layers.Count; i++)
        {
            Tensor before = x;
            // Prefill makes large intermediates; one layer's worth of them at a time is enough.
            using (var layerScope = NewDisposeScope())
                x = _parts.Layers[i].Forward(before, context, cache?.Layers[i]).MoveToOuterDisposeScope();
            if (i > 0)
                before.Dispose();
            layerDone?.Invoke(i + 1, x);
        }

        return _parts.FinalNorm.Forward(x).MoveToOuterDisposeScope();
    }

    public Tensor Logits(Tensor hidden)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor logits = _parts.Head.Forward(hidden);
        return _parts.Finish?.Apply(logits) ?? logits;
    }

    public ModelCache CreateCache(int batchSize, int capacity, PositionRule positions)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new ModelCache(batchSize, positions, _caches.Select(shape => shape.Create(capacity)));
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _parts.Dispose();
        ProcessMemory.Trim();
    }
}

/// <summary>The weights of a model, in the parts that its frame calls.</summary>
internal sealed class DecoderParts : IDisposable
{
    public required TokenEmbedding Embedding { get; init; }

    public required IReadOnlyList<DecoderLayer> Layers { get; init; }

    public required RmsNorm FinalNorm { get; init; }

    public required Linear Head { get; init; }

    /// <summary>What the layers share, such as rotary embeddings.</summary>
    public required IReadOnlyList<IDisposable> Shared { get; init; }

    /// <summary>Last touch on the logits; null for none.</summary>
    public SoftCap? Finish { get; init; }

    public void Dispose()
    {
        Embedding.Dispose();
        foreach (DecoderLayer layer in Layers)
            layer.Dispose();
        FinalNorm.Dispose();
        Head.Dispose();
        foreach (IDisposable shared in Shared)
            shared.Dispose();
        Finish?.Dispose();
    }
}
