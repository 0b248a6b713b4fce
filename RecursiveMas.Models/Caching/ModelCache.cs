using RecursiveMas.Caching;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>What a model remembers of the positions of one row that it has read: keys, values, recurrent states.</summary>
/// <remarks>
/// Not safe for concurrent calls; forks of one cache may be used side by side. Belongs to no dispose scope. After a forward call that
/// failed midway its layers disagree, and all that is left to do is to dispose it.
/// </remarks>
public sealed class ModelCache : IDisposable
{
    private readonly ModelConfiguration _model;
    private readonly LayerCache[] _layers;
    // Per marked length a fork of each layer that cannot go back by itself.
    private readonly SortedDictionary<int, LayerCache?[]> _marks = [];
    private State _state;

    /// <param name="model">The model that it is for; no model of another configuration may use it.</param>
    /// <param name="layers">Taken over.</param>
    internal ModelCache(ModelConfiguration model, IEnumerable<LayerCache> layers) => (_model, _layers) = (model, [.. layers]);

    private enum State
    {
        Ready,
        InCall,
        Unusable,
    }

    /// <summary>Positions held.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// Bytes of keys, values and states held now, marks included. Memory that is shared with forks counts in full in each of them, as each
    /// may come to need a copy of its own.
    /// </summary>
    public long Bytes => _layers.Concat(_marks.Values.SelectMany(mark => mark).OfType<LayerCache>())
        .SelectMany(layer => layer.Memory).Distinct().Sum(memory => memory.Bytes);

    /// <summary>Whether <see cref="Rewind"/> can return to any length without a mark: models without recurrent layers and sliding windows.</summary>
    public bool RewindsAnywhere => Array.TrueForAll(_layers, layer => layer.RewindsAnywhere);

    internal IReadOnlyList<LayerCache> Layers => _layers;

    /// <summary>Remembers the present length, so that <see cref="Rewind"/> can return to it, as often as wanted, whatever layers the model has.</summary>
    /// <remarks>
    /// Cheap where every layer can be cropped. Recurrent layers keep their state of now, and sliding windows their keys and values, in memory
    /// that the cache shares until it goes on.
    /// </remarks>
    public void Mark()
    {
        ThrowUnlessReady();
        Unmark(Length);
        _marks.Add(Length, [.. _layers.Select(layer => layer.RewindsAnywhere ? null : layer.Fork())]);
    }

    /// <summary>A copy that goes its own way from here, to try several continuations of one prompt.</summary>
    /// <remarks>Its present length is marked, and marks are copied. Cheap: memory is shared until one of the two has to write where the other reads.</remarks>
    public ModelCache Fork()
    {
        ThrowUnlessReady();
        var fork = new ModelCache(_model, _layers.Select(layer => layer.Fork())) { Length = Length };
        foreach ((int length, LayerCache?[] mark) in _marks)
            fork._marks.Add(length, [.. mark.Select(layer => layer?.Fork())]);
        fork.Mark();
        return fork;
    }

    /// <summary>The greatest length, at most the given one, that <see cref="Rewind"/> can return to; 0 is always one.</summary>
    /// <param name="length">The wanted length; more than is held means all that is held.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public int NearestRewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        length = Math.Min(length, Length);
        return CanCrop(length) ? length : _marks.Keys.LastOrDefault(marked => marked <= length);
    }

    /// <summary>
    /// Forgets everything from a position on. Softmax layers without a window can return to any length; recurrent layers, and sliding
    /// windows that have moved on, only to 0 and to lengths that were marked (see <see cref="Mark"/>). Later marks are forgotten as well.
    /// </summary>
    /// <param name="length">Positions to keep.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or more than is held.</exception>
    /// <exception cref="InvalidOptionException">A layer cannot return to that length; nothing is forgotten.</exception>
    public void Rewind(int length)
    {
        ThrowUnlessReady();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (length == Length)
            return;
        LayerCache?[]? mark = null;
        if (!CanCrop(length) && !_marks.TryGetValue(length, out mark))
        {
            string marked = string.Join(", ", new[] { 0 }.Union(_marks.Keys));
            throw new InvalidOptionException(
                nameof(length),
                $"This model has layers whose memory cannot be cropped to {length} of {Length} positions. They can return to: {marked}. " +
                $"Call {nameof(Mark)} where you will want to return to.");
        }

        for (int i = 0; i < _layers.Length; i++)
        {
            if (mark?[i] is { } copy)
            {
                _layers[i].Dispose();
                _layers[i] = copy.Fork();
            }
            else
            {
                _layers[i].Rewind(length);
            }
        }

        foreach (int later in _marks.Keys.Where(marked => marked > length).ToArray())
            Unmark(later);
        Length = length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state = State.Unusable;
        foreach (LayerCache layer in _layers)
            layer.Dispose();
        foreach (int length in _marks.Keys.ToArray())
            Unmark(length);
    }

    /// <summary>Begins a forward call; false if a call with this cache is going on.</summary>
    /// <exception cref="InvalidOptionException">The cache is another model's, or can be used no more.</exception>
    internal bool TryBegin(ModelConfiguration model)
    {
        // A model that was unloaded and loaded again goes on with its caches.
        if (model != _model)
            throw new InvalidOptionException("rows", "A cache was made by another model. Each model works with caches of its own CreateCache only.");
        if (_state == State.InCall)
            return false;
        ThrowUnlessReady();
        _state = State.InCall;
        return true;
    }

    /// <summary>Ends a call before it changed anything.</summary>
    internal void Cancel() => _state = State.Ready;

    /// <summary>Ends a call that all layers have taken part in.</summary>
    internal void Complete(int added)
    {
        Length += added;
        _state = State.Ready;
    }

    /// <summary>Ends a call that failed midway.</summary>
    internal void Fail() => _state = State.Unusable;

    private bool CanCrop(int length) => length == 0 || length == Length || Array.TrueForAll(_layers, layer => length >= layer.EarliestRewind);

    private void ThrowUnlessReady()
    {
        if (_state == State.InCall)
            throw new InvalidOptionException("cache", "The cache is in use by a forward call.");
        if (_state == State.Unusable)
            throw new InvalidOptionException("cache", "The cache was disposed, or a forward call with it failed midway. Dispose it and begin anew.");
    }

    private void Unmark(int length)
    {
        if (!_marks.Remove(length, out LayerCache?[]? mark))
            return;
        foreach (LayerCache? layer in mark)
            layer?.Dispose();
    }
}
