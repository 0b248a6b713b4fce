using System.Collections.Concurrent;
using RecursiveMas.Caching;
using RecursiveMas.Layers;
using RecursiveMas.Native;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Embedding, layers, final norm, head: the frame that every family fills.</summary>
internal sealed class DecoderModel : ICausalLanguageModel
{
    private readonly ComputePlan _plan;
    private readonly DecoderParts _parts;
    private readonly Func<int, LayerCache>[] _caches;
    private readonly long _bytes;
    private readonly StepLayer?[] _stepLayers;
    private readonly ConcurrentBag<ManagedStep> _steps = [];
    private bool _disposed;

    /// <summary>Takes the parts over.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="plan">Where and how it computes.</param>
    /// <param name="parts">Its weights.</param>
    /// <param name="bytes">About how much memory these take.</param>
    public DecoderModel(DecoderConfiguration configuration, ComputePlan plan, DecoderParts parts, long bytes)
    {
        _bytes = bytes;
        Configuration = configuration;
        // Managed kernels go from row to row, libtorch's operators cost less where they serve all rows at once.
        _caches = [.. configuration.Caches().Select(shape => shape.Maker(plan.Dtype, plan.Device, shared: !plan.Kernels))];
        _plan = plan;
        _parts = parts;
        _stepLayers = [.. parts.Layers.Select(layer => plan is { Kernels: true, Rows: true } ? layer.ForStep() : null)];
    }

    public ModelConfiguration Configuration { get; }

    public ScalarType Dtype => _plan.Dtype;

    public Device Device => _plan.Device;

    /// <summary>Builds a model of a configuration.</summary>
    public static DecoderModel Build(DecoderConfiguration config, WeightReader weights, ComputePlan plan)
    {
        using var builder = new ModelBuilder(weights, plan);
        DecoderParts parts = config.Build(builder);
        builder.Finish();
        long bytes = builder.ElementCount * plan.ElementSize;
        ProcessMemory.Trim(bytes); // what was converted and joined on the way
        if (plan.Device.type == DeviceType.CPU)
            ProcessMemory.KeepWorkingMemory();
        return new DecoderModel(config, plan, parts, bytes);
    }

    public Tensor Embed(Tensor ids)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _parts.Embedding.Forward(ids);
    }

    public Tensor Forward(Tensor embeddings, IReadOnlyList<ForwardRow> rows) => Forward(embeddings, rows, layerDone: null);

    /// <summary>As the public one; tells the state after each layer, from 0 for the embeddings; the last one before the final norm.</summary>
    internal Tensor Forward(Tensor embeddings, IReadOnlyList<ForwardRow> rows, Action<int, Tensor>? layerDone)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckExtents(embeddings, rows);
        Begin(rows);
        bool done = false;
        try
        {
            Tensor states = Read(embeddings, rows, layerDone);
            done = true;
            return states;
        }
        finally
        {
            foreach ((int length, ModelCache? cache) in rows)
            {
                if (done)
                    cache?.Complete(length);
                else
                    cache?.Fail();
            }
        }
    }

    public Tensor Logits(Tensor hidden)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor logits = _parts.Head.Forward(hidden);
        return _parts.Finish?.Apply(logits) ?? logits;
    }

    public ModelCache CreateCache(int capacity = 0)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (capacity < 0)
            throw new InvalidOptionException(nameof(capacity), $"{capacity} is not possible; at least 0 is.");
        return new ModelCache(Configuration, _caches.Select(make => make(capacity)));
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _parts.Dispose();
        ProcessMemory.Trim(_bytes);
    }

    private void CheckExtents(Tensor embeddings, IReadOnlyList<ForwardRow> rows)
    {
        if (embeddings.Dimensions != 2 || embeddings.size(1) != Configuration.HiddenSize)
        {
            throw new InvalidOptionException(
                nameof(embeddings), $"[{string.Join(", ", embeddings.shape)}] cannot be read; the model takes [N, {Configuration.HiddenSize}].");
        }

        long total = 0;
        foreach (ForwardRow row in rows)
        {
            if (row.Length < 1)
                throw new InvalidOptionException(nameof(rows), $"A row has {row.Length} positions; each has at least 1.");
            total += row.Length;
        }

        if (total != embeddings.size(0) || total == 0)
            throw new InvalidOptionException(nameof(rows), $"The {rows.Count} rows have {total} positions, but {embeddings.size(0)} embeddings are given.");
    }

    private void Begin(IReadOnlyList<ForwardRow> rows)
    {
        int entered = 0;
        try
        {
            for (; entered < rows.Count; entered++)
            {
                if (rows[entered].Cache?.TryBegin(Configuration) == false)
                    throw new InvalidOptionException(
                        nameof(rows),
                        "A cache stands twice among the rows, or is in use by another call. Each row needs its own.");
            }
        }
        catch
        {
            for (int i = 0; i < entered; i++)
                rows[i].Cache?.Cancel();
            throw;
        }
    }

    private Tensor Read(Tensor embeddings, IReadOnlyList<ForwardRow> rows, Action<int, Tensor>? layerDone)
    {
        using var scope = NewDisposeScope();
        Tensor x = embeddings.to(Dtype, Device).contiguous(); // [N, H]
        using var context = new ForwardContext(rows, Dtype, Device, _plan.Kernels && !(x.requires_grad && is_grad_enabled()));
        layerDone?.Invoke(0, x);
        bool steps = layerDone is null && ManagedStep.Takes(context), normed = false;
        for (int i = 0; i < _parts.Layers.Count;)
        {
            Tensor before = x;
            int end = steps ? EndOfSteps(i) : i;
            // Prefill makes large intermediates; one layer's worth of them at a time is enough.
            using (var layerScope = NewDisposeScope())
            {
                normed = end > i && end == _parts.Layers.Count;
                x = end > i ? Step(before, context, i, end, normed ? _parts.FinalNorm : null) : _parts.Layers[i].Forward(before, context, i);
                x.MoveToOuterDisposeScope();
            }

            if (i > 0)
                before.Dispose();
            i = Math.Max(end, i + 1);
            layerDone?.Invoke(i, x);
        }

        return (normed ? x : _parts.FinalNorm.Forward(x, context)).MoveToOuterDisposeScope();
    }

    /// <summary>The first layer from one on that a managed step does not know.</summary>
    private int EndOfSteps(int first)
    {
        int end = first;
        while (end < _stepLayers.Length && _stepLayers[end] is not null)
            end++;
        return end;
    }

    private Tensor Step(Tensor x, ForwardContext context, int first, int end, RmsNorm? finalNorm)
    {
        // A helper that comes late may still look at the step that it was called for.
        if (!_steps.TryTake(out ManagedStep? step) || !step.IsLeft)
            step = new ManagedStep();
        Tensor states = step.Run(x, context, _stepLayers[first..end]!, first, finalNorm);
        _steps.Add(step);
        return states;
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
