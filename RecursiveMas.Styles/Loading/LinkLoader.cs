using RecursiveMas.Checkpoints;
using RecursiveMas.Links;
using RecursiveMas.Weights;
using RecursiveMas.Weights.Manifests;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Loading;

/// <summary>Loads inner and outer links and checks that they belong where they are put.</summary>
/// <param name="dtype">Element type to compute in.</param>
internal sealed class LinkLoader(ModelDtype dtype)
{
    private readonly List<string> _files = [];

    /// <summary>What has been loaded.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>The inner link of an agent.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="task">The task; null for systems with one set of links.</param>
    public AdapterLink Inner(AgentModel agent, string? task)
    {
        InnerLinkManifest manifest = InnerLinkManifest.Resolve(agent.Folder, task);
        int width = agent.Model.Configuration.HiddenSize;
        return Load(agent.Folder, manifest.FileName, manifest.AdapterType, outer: false, width, width, agent.Model);
    }

    /// <summary>The link of each edge, by key.</summary>
    /// <param name="folder">The repository of links.</param>
    /// <param name="graph">The system.</param>
    /// <param name="agents">Agents by name.</param>
    /// <param name="task">The task; null for systems with one set of links.</param>
    public Dictionary<string, IRecursiveLink> Outer(CheckpointFolder folder, MasGraph graph, IReadOnlyDictionary<string, AgentModel> agents, string? task)
    {
        OuterLinkManifest manifest = OuterLinkManifest.Read(folder);
        IReadOnlyList<OuterLinkEntry> entries = manifest.Links(task ?? "");
        var links = new Dictionary<string, IRecursiveLink>(StringComparer.Ordinal);
        try
        {
            foreach (MasEdge edge in graph.Edges)
            {
                (AgentModel from, AgentModel to) = (agents[edge.From], agents[edge.To]);
                int input = from.Model.Configuration.HiddenSize, output = to.Model.Configuration.HiddenSize;
                OuterLinkEntry entry = entries.FirstOrDefault(entry => entry.Key == edge.Key)
                    ?? throw new CheckpointException(
                        manifest.File,
                        $"lists no link '{edge.Key}' from {edge.From} (width {input}) to {edge.To} (width {output}). Links that it lists: " +
                        $"{string.Join(", ", entries.Select(e => e.Key))}.");
                CheckEntry(entry, edge, input, output, manifest.File);
                links.Add(edge.Key, Load(folder, entry.FileName, entry.AdapterType, outer: true, input, output, from.Model));
            }

            return links;
        }
        catch
        {
            foreach (IRecursiveLink link in links.Values)
                link.Dispose();
            throw;
        }
    }

    private AdapterLink Load(CheckpointFolder folder, string file, string adapterType, bool outer, int input, int output, ICausalLanguageModel sender)
    {
        string name = folder.Describe(file);
        LinkFormula formula = LinkTypeRegistry.Find(adapterType, name);
        if (formula.Outer != outer)
            throw new CheckpointException(name, $"is of type '{adapterType}', which joins {(formula.Outer ? "two agents" : "an agent to itself")}; " +
                $"here a link is needed that joins {(outer ? "two agents" : "an agent to itself")}.");
        using var mode = inference_mode(false);
        using var scope = NewDisposeScope();
        Dictionary<string, long[]> expected = formula
            .Tensors(input, output)
            .ToDictionary(tensor => tensor.Name, tensor => tensor.Shape, StringComparer.Ordinal);
        AdapterLink link = LinkTypeRegistry.Create(formula, LinkFile.Read(folder, file, expected), input, output, name, ComputeType(sender), sender.Device);
        _files.Add(name);
        return link;
    }

    private ScalarType? ComputeType(ICausalLanguageModel sender) => dtype switch
    {
        ModelDtype.Float32 => ScalarType.Float32,
        ModelDtype.BFloat16 => ScalarType.BFloat16,
        ModelDtype.Float16 => ScalarType.Float16,
        ModelDtype.Auto when sender.Dtype == ScalarType.Float32 => ScalarType.Float32,
        _ => null,
    };

    private static void CheckEntry(OuterLinkEntry entry, MasEdge edge, int input, int output, string file)
    {
        if ((entry.SourceRole ?? edge.From) != edge.From || (entry.TargetRole ?? edge.To) != edge.To)
            throw new CheckpointException(file, $"says that '{entry.Key}' leads from {entry.SourceRole} to {entry.TargetRole}, but this edge leads from " +
                $"{edge.From} to {edge.To}. Two links may be swapped.");
        if ((entry.InputSize ?? input) != input || (entry.OutputSize ?? output) != output)
            throw new CheckpointException(file, $"says that '{entry.Key}' maps width {entry.InputSize} to {entry.OutputSize}, but {edge.From} has width " +
                $"{input} and {edge.To} has width {output}. Check that links and agents are of one system.");
    }
}
