using Microsoft.Extensions.Logging;

namespace RecursiveMas.Loading;

/// <summary>Models of one device that share a budget: a model is loaded when it is used, and others make room for it.</summary>
/// <param name="residency">The budget.</param>
/// <param name="logger">Told of each load and each model that makes room, at Debug.</param>
internal sealed class ModelPool(ModelResidency residency, ILogger logger)
{
    private readonly Lock _gate = new();
    // The one used last stands last.
    private readonly List<ResidentModel> _resident = [];

    /// <summary>Runs something with a model in memory. Uses of one pool come one after another, as the work of one device does.</summary>
    public T Use<T>(ResidentModel model, Func<ICausalLanguageModel, T> use)
    {
        lock (_gate)
        {
            if (!_resident.Remove(model))
            {
                MakeRoom(model.Bytes);
                logger.LogDebug("{Model} is loaded", model.Name);
                model.Load();
            }

            _resident.Add(model);
            return use(model.Loaded!);
        }
    }

    public void Remove(ResidentModel model)
    {
        lock (_gate)
        {
            if (_resident.Remove(model))
                model.Unload();
        }
    }

    private void MakeRoom(long bytes)
    {
        bool Fits() => residency == ModelResidency.OneAtATime ? _resident.Count == 0 : _resident.Sum(other => other.Bytes) + bytes <= residency.Bytes;
        while (_resident.Count > 0 && !Fits())
        {
            // Agents act in turn, so whoever acted last is needed again last; the usual rule, longest ago first, would always drop the one that is needed next.
            ResidentModel last = _resident[^1];
            logger.LogDebug("{Model} makes room", last.Name);
            _resident.RemoveAt(_resident.Count - 1);
            last.Unload();
        }
    }
}
