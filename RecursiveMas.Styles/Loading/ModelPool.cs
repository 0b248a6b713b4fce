using Microsoft.Extensions.Logging;

namespace RecursiveMas.Loading;

/// <summary>Models of one device that share a budget: a model is loaded when its turn begins, and others make room for it.</summary>
/// <param name="residency">The budget.</param>
/// <param name="logger">Told of each load and each model that makes room, at Debug.</param>
/// <remarks>A model in its turn stays in memory until the turn ends. Whoever finds no room waits, in order of arrival.</remarks>
internal sealed class ModelPool(ModelResidency residency, ILogger logger)
{
    private readonly Lock _gate = new();
    // The one used last stands last.
    private readonly List<ResidentModel> _resident = [];
    private readonly HashSet<ResidentModel> _inTurn = [];
    private readonly List<(ResidentModel Model, Action Retry)> _queue = [];

    /// <summary>Whether another model waits for room.</summary>
    public bool OthersWait(ResidentModel model)
    {
        lock (_gate)
            return _queue.Exists(waiting => waiting.Model != model);
    }

    /// <summary>Loads the model if it is not in memory, and keeps it there.</summary>
    /// <param name="model">The model.</param>
    /// <param name="retry">Called when another try is worth while, if others must end their turns first.</param>
    /// <returns>False if others must end their turns first.</returns>
    public bool TryBegin(ResidentModel model, Action retry)
    {
        lock (_gate)
        {
            bool first = _queue.Count == 0 || _queue[0].Model == model;
            if (!first || !TryEnter(model))
            {
                if (!_queue.Exists(waiting => waiting.Model == model))
                    _queue.Add((model, retry));
                return false;
            }

            _queue.RemoveAll(waiting => waiting.Model == model);
            return true;
        }
    }

    /// <summary>Ends the turn of a model, or its wait for one. It stays in memory until its room is needed.</summary>
    public void End(ResidentModel model)
    {
        Action? next;
        lock (_gate)
        {
            _inTurn.Remove(model);
            _queue.RemoveAll(waiting => waiting.Model == model);
            next = _queue.Count > 0 ? _queue[0].Retry : null;
        }

        next?.Invoke();
    }

    public void Remove(ResidentModel model)
    {
        lock (_gate)
        {
            _queue.RemoveAll(waiting => waiting.Model == model);
            _inTurn.Remove(model);
            if (_resident.Remove(model))
                model.Unload();
        }
    }

    private bool TryEnter(ResidentModel model)
    {
        if (!_resident.Contains(model))
        {
            if (!TryEvict(model.Bytes))
                return false;
            logger.LogDebug("{Model} is loaded", model.Name);
            model.Load();
        }

        _resident.Remove(model);
        _resident.Add(model);
        _inTurn.Add(model);
        return true;
    }

    private bool TryEvict(long bytes)
    {
        var leaving = new List<ResidentModel>();
        // Agents act in turn, so whoever acted last is needed again last; the usual rule, longest ago first, would always drop the one that is needed next.
        foreach (ResidentModel last in Enumerable.Reverse(_resident))
        {
            if (Fits(leaving, bytes))
                break;
            if (!_inTurn.Contains(last))
                leaving.Add(last);
        }

        if (!Fits(leaving, bytes))
            return false;
        foreach (ResidentModel model in leaving)
        {
            logger.LogDebug("{Model} makes room", model.Name);
            _resident.Remove(model);
            model.Unload();
        }

        return true;
    }

    private bool Fits(List<ResidentModel> leaving, long bytes)
    {
        IEnumerable<ResidentModel> staying = _resident.Except(leaving);
        return residency == ModelResidency.OneAtATime ? !staying.Any() : staying.Sum(model => model.Bytes) + bytes <= residency.Bytes;
    }
}
