using RecursiveMas.Shared;
using RecursiveMas.Weights;
using RecursiveMas.Weights.Manifests;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>Loads inner and outer links of checkpoints in the published layout, and checks that they belong where they are put.</summary>
/// <param name="types">The link types. Default: <see cref="LinkTypeRegistry.BuiltIn"/>.</param>
/// <param name="dtype">
/// Element type to compute in. Default: <see cref="ModelDtype.Auto"/>, which is float32 where the sender computes in float32, else as stored.
/// </param>
/// <remarks>Immutable and safe for concurrent calls. Whoever loads a link disposes it.</remarks>
public sealed class LinkLoader(LinkTypeRegistry? types = null, ModelDtype dtype = ModelDtype.Auto)
{
    private readonly LinkTypeRegistry _types = types ?? LinkTypeRegistry.BuiltIn;
    private readonly ModelDtype _dtype = Given.Defined(dtype, nameof(dtype));

    /// <summary>Name of the file in a repository of links that lists them.</summary>
    public const string OuterManifestFile = OuterLinkManifest.FileName;

    /// <summary>Name of the file that is to hold the inner link of an agent, whether it is there or not.</summary>
    /// <param name="folder">The agent's repository.</param>
    /// <param name="task">The task, "math" or "code"; null for systems with one set of links.</param>
    /// <exception cref="CheckpointException">A manifest cannot be read.</exception>
    public static string NameInner(CheckpointFolder folder, string? task = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return InnerLinkManifest.FileFor(folder, task);
    }

    /// <summary>Name of the file that holds the inner link of an agent.</summary>
    /// <param name="folder">The agent's repository.</param>
    /// <param name="task">The task, "math" or "code"; null for systems with one set of links.</param>
    /// <exception cref="CheckpointException">There is no such file.</exception>
    public static string FindInner(CheckpointFolder folder, string? task = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return InnerLinkManifest.Resolve(folder, task).FileName;
    }

    /// <summary>Tasks for which a repository of links has a set of its own; empty if one set serves all.</summary>
    /// <param name="folder">The repository of links.</param>
    /// <exception cref="CheckpointException">The manifest is missing or damaged.</exception>
    public static IReadOnlyList<string> FindOuterTasks(CheckpointFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return [.. OuterLinkManifest.Read(folder).Tasks];
    }

    /// <summary>Names of the files that hold the outer links of a system, by the key of their edge.</summary>
    /// <param name="folder">The repository of links.</param>
    /// <param name="task">The task, "math" or "code"; null for systems with one set of links.</param>
    /// <exception cref="CheckpointException">The manifest is missing or damaged, or has no links for the task.</exception>
    public static IReadOnlyDictionary<string, string> FindOuter(CheckpointFolder folder, string? task = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return OuterLinkManifest.Read(folder).Links(task ?? "").ToDictionary(entry => entry.Key, entry => entry.FileName, StringComparer.Ordinal);
    }

    /// <summary>Loads the inner link of an agent, onto the device of its model.</summary>
    /// <param name="folder">The agent's repository.</param>
    /// <param name="model">Its model.</param>
    /// <param name="task">The task, "math" or "code"; null for systems with one set of links.</param>
    /// <exception cref="CheckpointException">The file is missing, damaged, or not of a link of this width.</exception>
    /// <exception cref="UnsupportedCheckpointException">The link type is unknown.</exception>
    public IRecursiveLink LoadInner(CheckpointFolder folder, ICausalLanguageModel model, string? task = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(model);
        InnerLinkManifest manifest = InnerLinkManifest.Resolve(folder, task);
        int width = model.Configuration.HiddenSize;
        return Load(folder, manifest.FileName, manifest.AdapterType, LinkKind.Inner, (width, width), model.Dtype, model.Device);
    }

    /// <summary>
    /// Loads the link of each edge, by the edge's key, onto the device of its sender; onto the CPU where that is no <see cref="LatentAgent"/>.
    /// </summary>
    /// <param name="folder">The repository of links.</param>
    /// <param name="edges">The edges.</param>
    /// <param name="agents">Agents at their ends, by name.</param>
    /// <param name="task">The task, "math" or "code"; null for systems with one set of links.</param>
    /// <exception cref="CheckpointException">A link is missing, damaged, or not of its edge.</exception>
    /// <exception cref="GraphException">An agent is missing, or only writes.</exception>
    /// <exception cref="UnsupportedCheckpointException">A link type is unknown.</exception>
    public IReadOnlyDictionary<string, IRecursiveLink> LoadOuter(
        CheckpointFolder folder, IEnumerable<MasEdge> edges, IReadOnlyDictionary<string, IAgent> agents, string? task = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(edges);
        ArgumentNullException.ThrowIfNull(agents);
        OuterLinkManifest manifest = OuterLinkManifest.Read(folder);
        IReadOnlyList<OuterLinkEntry> entries = manifest.Links(task ?? "");
        var links = new Dictionary<string, IRecursiveLink>(StringComparer.Ordinal);
        try
        {
            foreach (MasEdge edge in edges)
            {
                ArgumentNullException.ThrowIfNull(edge, nameof(edges));
                ILatentAgent from = Agent(agents, edge.From);
                (int Input, int Output) widths = (from.HiddenSize, Agent(agents, edge.To).HiddenSize);
                OuterLinkEntry entry = entries.FirstOrDefault(entry => entry.Key == edge.Key)
                    ?? throw new CheckpointException(
                        manifest.File,
                        $"lists no link '{edge.Key}' from {edge.From} (width {widths.Input}) to {edge.To} (width {widths.Output}). Links that it lists: " +
                        $"{string.Join(", ", entries.Select(e => e.Key))}.");
                CheckEntry(entry, edge, widths, manifest.File);
                links.Add(
                    edge.Key,
                    Load(folder, entry.FileName, entry.AdapterType, LinkKind.Outer, widths, from.EmbeddingDtype, (from as LatentAgent)?.Model.Device ?? CPU));
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

    private static ILatentAgent Agent(IReadOnlyDictionary<string, IAgent> agents, string name) => agents.GetValueOrDefault(name) switch
    {
        ILatentAgent latent => latent,
        null => throw new GraphException($"The agent '{name}', at the end of an edge, was not given. Given: {string.Join(", ", agents.Keys)}."),
        _ => throw new GraphException(
            $"The agent '{name}' only writes, so no link leads from it or to it. Use the text channel, " +
            $"or give an agent that implements {nameof(ILatentAgent)}."),
    };

    private IRecursiveLink Load(
        CheckpointFolder folder,
        string file,
        string adapterType,
        LinkKind kind,
        (int Input, int Output) widths,
        ScalarType sender,
        Device device)
    {
        string name = folder.Describe(file);
        ILinkType type = _types.Find(adapterType, name);
        if (type.Kind != kind)
            throw new CheckpointException(name, $"is of type '{adapterType}', which joins {Ends(type.Kind)}; here a link is needed that joins {Ends(kind)}.");
        using var mode = inference_mode(false);
        using var scope = NewDisposeScope();
        Dictionary<string, long[]> expected = type
            .GetTensors(widths.Input, widths.Output)
            .ToDictionary(tensor => tensor.Name, tensor => tensor.Shape.ToArray(), StringComparer.Ordinal);
        return LinkTypeRegistry.Create(type, LinkFile.Read(folder, file, expected), widths.Input, widths.Output, name, ComputeType(sender), device);
    }

    private static string Ends(LinkKind kind) => kind == LinkKind.Outer ? "two agents" : "an agent to itself";

    private ScalarType? ComputeType(ScalarType sender) => _dtype switch
    {
        ModelDtype.Float32 => ScalarType.Float32,
        ModelDtype.BFloat16 => ScalarType.BFloat16,
        ModelDtype.Float16 => ScalarType.Float16,
        ModelDtype.Auto when sender == ScalarType.Float32 => ScalarType.Float32,
        _ => null,
    };

    private static void CheckEntry(OuterLinkEntry entry, MasEdge edge, (int Input, int Output) widths, string file)
    {
        if ((entry.SourceRole ?? edge.From) != edge.From || (entry.TargetRole ?? edge.To) != edge.To)
            throw new CheckpointException(file, $"says that '{entry.Key}' leads from {entry.SourceRole} to {entry.TargetRole}, but this edge leads from " +
                $"{edge.From} to {edge.To}. Two links may be swapped.");
        if ((entry.InputSize ?? widths.Input) != widths.Input || (entry.OutputSize ?? widths.Output) != widths.Output)
            throw new CheckpointException(file, $"says that '{entry.Key}' maps width {entry.InputSize} to {entry.OutputSize}, but {edge.From} has width " +
                $"{widths.Input} and {edge.To} has width {widths.Output}. Check that links and agents are of one system.");
    }
}
