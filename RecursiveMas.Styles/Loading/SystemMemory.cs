using Microsoft.Extensions.Logging.Abstractions;
using RecursiveMas.Options;
using static TorchSharp.torch;

namespace RecursiveMas.Loading;

/// <summary>Adds up what the agents of a system take, as the options would load them.</summary>
internal static class SystemMemory
{
    /// <param name="found">The system.</param>
    /// <param name="options">How it would be loaded.</param>
    /// <param name="workload">What a question asks of each agent; null for the system's own settings.</param>
    public static MasMemoryEstimate Estimate(FoundSystem found, MasOptions options, MemoryWorkload? workload)
    {
        (StyleDefinition style, IReadOnlyDictionary<string, CheckpointFolder> folders) = (found.Style, found.Agents);
        AskSettings settings = AskSettings.Resolve(null, options, style.Defaults);
        workload ??= new MemoryWorkload { LatentSteps = settings.LatentSteps, NewTokens = settings.MaxNewTokens };
        using var loader = new ModelLoader(options, style.Defaults, NullLoggerFactory.Instance);
        var agents = new Dictionary<string, MemoryEstimate>(StringComparer.Ordinal);
        var placed = new List<(string Device, string Agent, CheckpointFolder Folder, ModelDtype Dtype)>();
        foreach (string name in folders.Keys)
        {
            (string device, ModelLoadOptions how) = loader.How(name);
            agents.Add(name, CausalLanguageModel.EstimateMemory(
                folders[name],
                how,
                name == style.Graph.Writer || settings.Channel == MasChannel.Text ? workload : workload with { NewTokens = 0 }));
            placed.Add((device, name, folders[name], how.Dtype));
        }

        long linkBytes = found.Folder is null || settings.Channel == MasChannel.Text ? 0 : LinkBytes(found, found.Folder, agents, options);
        var peaks = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (IGrouping<string, (string Device, string Agent, CheckpointFolder Folder, ModelDtype Dtype)> device in placed.GroupBy(place => place.Device))
        {
            // One copy serves all agents with the same weights.
            MemoryEstimate[] models = [.. device
                .DistinctBy(place => device.First(other => other.Dtype == place.Dtype && SharedWeights.SameFiles(other.Folder, place.Folder)).Agent)
                .Select(place => agents[place.Agent])];
            // Each agent's session keeps its cache until the question is answered.
            long kept = device.Sum(place => agents[place.Agent].ThinkingCache);
            long all = models.Sum(model => model.ResidentWeights),
                load = models.Max(model => model.LoadingWork),
                work = device.Max(place => Work(agents[place.Agent]));
            long peak = options.Residency == ModelResidency.OneAtATime
                ? device.Max(place => Math.Max(agents[place.Agent].LoadingPeak, agents[place.Agent].ResidentWeights + Work(agents[place.Agent]))) + kept
                : Math.Min(options.Residency.Bytes ?? all, all) + Math.Max(work + kept, load);
            peaks.Add(device.Key, peak + (linkBytes * device.Count() / placed.Count));
        }

        // Links between agents of the caller's own.
        if (placed.Count == 0 && linkBytes > 0)
            peaks.Add(DeviceNames.NameOf(CPU), linkBytes);
        return new MasMemoryEstimate { Agents = agents, Links = linkBytes, PeakByDevice = peaks };
    }

    private static long Work(MemoryEstimate estimate) => Math.Max(estimate.ThinkingCache + estimate.ThinkingWork, estimate.WritingCache + estimate.WritingWork);

    /// <summary>Sizes of the files, twice where a link is widened to float32; an upper estimate, because links may be stored in float32 already.</summary>
    private static long LinkBytes(FoundSystem found, SystemFolder folder, Dictionary<string, MemoryEstimate> agents, MasOptions options)
    {
        string? task = found.Style.LinksByTask ? "math" : null;
        long inner = found.Agents.Sum(agent => Widened(agent.Key, agent.Value.GetLength(LinkLoader.FindInner(agent.Value, task))));
        MasEdge[] edges = [.. Needs.Links(found.Style, options)];
        if (edges.Length == 0)
            return inner;
        CheckpointFolder links = folder.Require(found.Style.LinkRepository);
        IReadOnlyDictionary<string, string> files = LinkLoader.FindOuter(links, task);
        return inner + edges.Sum(edge => files.TryGetValue(edge.Key, out string? file) ? Widened(edge.From, links.GetLength(file)) : 0);

        long Widened(string agent, long bytes)
        {
            ScalarType? sender = agents.TryGetValue(agent, out MemoryEstimate? loaded) ? loaded.Dtype : (options.Agents[agent] as ILatentAgent)?.EmbeddingDtype;
            return options.LinkDtype == ModelDtype.Float32 || (options.LinkDtype == ModelDtype.Auto && sender == ScalarType.Float32) ? 2 * bytes : bytes;
        }
    }
}
