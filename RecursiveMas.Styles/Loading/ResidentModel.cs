using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Loading;

/// <summary>A model that is in memory only while its pool has room for it.</summary>
internal sealed class ResidentModel : ICausalLanguageModel
{
    private readonly ModelPool _pool;
    private readonly Func<ICausalLanguageModel> _load;
    private bool _disposed;

    /// <param name="name">Name for messages.</param>
    /// <param name="pool">The pool of its device.</param>
    /// <param name="bytes">Bytes of its weights.</param>
    /// <param name="load">Loads it.</param>
    public ResidentModel(string name, ModelPool pool, long bytes, Func<ICausalLanguageModel> load)
    {
        (Name, _pool, Bytes, _load) = (name, pool, bytes, load);
        (Configuration, Dtype, Device) = pool.Use(this, model => (model.Configuration, model.Dtype, model.Device));
    }

    public string Name { get; }

    public long Bytes { get; }

    public ICausalLanguageModel? Loaded { get; private set; }

    public ModelConfiguration Configuration { get; }

    public ScalarType Dtype { get; }

    public Device Device { get; }

    public Tensor Embed(Tensor ids) => Use(model => model.Embed(ids));

    public Tensor Forward(Tensor embeddings, Tensor? mask = null, ModelCache? cache = null, PositionRule positions = PositionRule.RowIndex) =>
        Use(model => model.Forward(embeddings, mask, cache, positions));

    public Tensor Logits(Tensor hidden) => Use(model => model.Logits(hidden));

    public ModelCache CreateCache(int batchSize, int capacity, PositionRule positions) => Use(model => model.CreateCache(batchSize, capacity, positions));

    /// <summary>Reads the weights. On a thread of its own, because the scope and the mode of the one that computes must not catch them.</summary>
    public void Load() => Loaded = Task.Run(_load).GetAwaiter().GetResult();

    public void Unload()
    {
        Loaded?.Dispose();
        Loaded = null;
    }

    public void Dispose()
    {
        _disposed = true;
        _pool.Remove(this);
    }

    private T Use<T>(Func<ICausalLanguageModel, T> use)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _pool.Use(this, use);
    }
}
