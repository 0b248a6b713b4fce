using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Loading;

/// <summary>A model that is in memory only while its pool has room for it. Its step loop uses it turn by turn.</summary>
internal sealed class ResidentModel : ICausalLanguageModel, IModelTurns
{
    private readonly ModelPool _pool;
    private readonly Func<ICausalLanguageModel> _load;
    private ICausalLanguageModel? _loaded;
    private bool _disposed;

    /// <param name="name">Name for messages.</param>
    /// <param name="pool">The pool of its device.</param>
    /// <param name="bytes">Bytes of its weights.</param>
    /// <param name="load">Loads it.</param>
    public ResidentModel(string name, ModelPool pool, long bytes, Func<ICausalLanguageModel> load)
    {
        (Name, _pool, Bytes, _load) = (name, pool, bytes, load);
        if (!TryBegin(() => { }))
            throw new InvalidOperationException($"No room for '{name}' while its system loads.");
        (Configuration, Dtype, Device) = (Loaded.Configuration, Loaded.Dtype, Loaded.Device);
        End();
    }

    public string Name { get; }

    public long Bytes { get; }

    public ModelConfiguration Configuration { get; }

    public ScalarType Dtype { get; }

    public Device Device { get; }

    public bool OthersWait => _pool.OthersWait(this);

    private ICausalLanguageModel Loaded => _loaded
        ?? throw new InvalidOperationException(
            $"'{Name}' is not in memory. Use it by {nameof(StepScheduler)}.{nameof(StepScheduler.UseModelAsync)} or by sessions of its agent, " +
            "which load it for their turn.");

    public bool TryBegin(Action retry)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _pool.TryBegin(this, retry);
    }

    public void End() => _pool.End(this);

    public Tensor Embed(Tensor ids) => Loaded.Embed(ids);

    public Tensor Forward(Tensor embeddings, IReadOnlyList<ForwardRow> rows) => Loaded.Forward(embeddings, rows);

    public Tensor Logits(Tensor hidden) => Loaded.Logits(hidden);

    public ModelCache CreateCache(int capacity = 0) => Loaded.CreateCache(capacity);

    /// <summary>Reads the weights. On a thread of its own, because the scope and the mode of the one that computes must not catch them.</summary>
    public void Load() => _loaded = Task.Run(_load).GetAwaiter().GetResult();

    public void Unload()
    {
        _loaded?.Dispose();
        _loaded = null;
    }

    public void Dispose()
    {
        _disposed = true;
        _pool.Remove(this);
    }
}
