using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Embedding, layers, final norm, head: the frame that every family fills.</summary>
internal sealed class DecoderModel : ICausalLanguageModel
{
    private readonly ComputePlan _plan;
    private readonly DecoderParts _parts;
    private bool _disposed;

    /// <summary>Takes the parts over.</summary>
    public DecoderModel(ModelConfiguration configuration, ComputePlan plan, DecoderParts parts)
    {
        Configuration = configuration;
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
        using var context = new ForwardContext((int)x.size(0), (int)x.size(1), mask?.to(Device), cache, cache?.Positions ?? positions, Dtype, Device);
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
        return _parts.Finish(_parts.Head.Forward(hidden));
    }

    public ModelCache CreateCache(int batchSize, int capacity, PositionRule positions)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new ModelCache(batchSize, positions, _parts.Layers.Select(layer => layer.CreateCache(capacity)));
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _parts.Dispose();
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

    /// <summary>Last touch on logits (a soft cap, say). Default: none.</summary>
    public Func<Tensor, Tensor> Finish { get; init; } = logits => logits;

    public void Dispose()
    {
        Embedding.Dispose();
        foreach (DecoderLayer layer in Layers)
            layer.Dispose();
        FinalNorm.Dispose();
        Head.Dispose();
        foreach (IDisposable shared in Shared)
            shared.Dispose();
    }
}
