using RecursiveMas.Checkpoints;
using RecursiveMas.Links;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using RecursiveMas.Weights.Manifests;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Mas;

/// <summary>The tiny checkpoints of one system: a model and an inner link per role, an outer link per edge, loaded at first use.</summary>
/// <param name="folder">Folder of the style.</param>
/// <param name="task">Which links: "math" or "code".</param>
/// <param name="float32">Whether everything computes in float32 rather than as stored.</param>
internal sealed class MasCheckpoints(string folder, string task, bool float32) : IDisposable
{
    private readonly Dictionary<string, ICausalLanguageModel> _models = [];
    private readonly Dictionary<string, AdapterLink> _links = [];
    private readonly OuterLinkManifest _manifest = OuterLinkManifest.Read(OuterFolder(folder));

    /// <summary>The edges, in the order of the manifest.</summary>
    public IReadOnlyList<OuterLinkEntry> Edges => _manifest.Links(task);

    private ScalarType? LinkType => float32 ? ScalarType.Float32 : null;

    public ICausalLanguageModel Model(string role)
    {
        if (!_models.TryGetValue(role, out ICausalLanguageModel? model))
        {
            var options = new ModelLoadOptions
            {
                Device = TestDevice.Device,
                Dtype = float32 ? ModelDtype.Float32 : ModelDtype.Stored,
                ManagedKernels = TestKernels.Managed,
            };
            _models.Add(role, model = CausalLanguageModel.Load(AgentFolder(role), options));
        }

        return model;
    }

    public AdapterLink Inner(string role)
    {
        CheckpointFolder agent = AgentFolder(role);
        InnerLinkManifest manifest = InnerLinkManifest.Resolve(agent, _manifest.Tasks.Any() ? task : null);
        int width = Model(role).Configuration.HiddenSize;
        return Link(agent, manifest.FileName, manifest.AdapterType, width, width);
    }

    public AdapterLink Outer(OuterLinkEntry edge) => Link(
        OuterFolder(folder),
        edge.FileName,
        edge.AdapterType,
        Model(edge.SourceRole!).Configuration.HiddenSize,
        Model(edge.TargetRole!).Configuration.HiddenSize);

    public void Dispose()
    {
        foreach (ICausalLanguageModel model in _models.Values)
            model.Dispose();
        foreach (AdapterLink link in _links.Values)
            link.Dispose();
    }

    private static CheckpointFolder OuterFolder(string folder) => CheckpointFolder.FromDirectory(Directory.GetDirectories(folder, "*-Outerlinks").Single());

    private CheckpointFolder AgentFolder(string role) => CheckpointFolder.FromDirectory(
        Directory.GetDirectories(folder).Single(path => Path.GetFileName(path).Contains($"-{role}-", StringComparison.OrdinalIgnoreCase)));

    private AdapterLink Link(CheckpointFolder from, string file, string type, int input, int output)
    {
        string name = from.Describe(file);
        if (!_links.TryGetValue(name, out AdapterLink? link))
        {
            using var scope = NewDisposeScope();
            var formula = (LinkFormula)LinkTypeRegistry.BuiltIn.Find(type, name);
            Dictionary<string, long[]> expected = formula.Tensors(input, output).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
            link = (AdapterLink)LinkTypeRegistry.Create(
                formula, LinkFile.Read(from, file, expected), input, output, name, LinkType, TestDevice.Device);
            _links.Add(name, link);
        }

        return link;
    }
}
