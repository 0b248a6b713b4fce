using RecursiveMas.Agents;
using RecursiveMas.Catalogue;
using RecursiveMas.Links;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>A sequential system with one real model in all roles and links of random weights: its answers mean nothing, its work is real.</summary>
internal sealed class RealSystem : IDisposable
{
    private readonly ICausalLanguageModel _model;
    private readonly RecursionEngine _engine;

    /// <param name="folder">The model's folder.</param>
    /// <param name="device">Where it computes. Default: the CPU.</param>
    /// <param name="dtype">Element type of model and links.</param>
    public RealSystem(string folder, Device? device = null, ModelDtype dtype = ModelDtype.Float32)
    {
        CheckpointFolder files = CheckpointFolder.FromDirectory(folder);
        _model = CausalLanguageModel.Load(files, new ModelLoadOptions { Dtype = dtype, Device = device ?? torch.CPU });
        Steps = new StepScheduler(_model);
        MasGraph graph = StyleCatalogue.Find("sequential_light").Graph;
        ChatTokenizer text = ChatTokenizer.Load(files, parseSpecialTokens: false, TimeProvider.System);
        _engine = new RecursionEngine(
            graph,
            graph.Agents.ToDictionary(name => name, name => (IAgent)new LatentAgent(name, Steps, text, Random(_model, LinkTypeRegistry.DefaultInner))),
            graph.Edges.ToDictionary(edge => edge.Key, _ => (IRecursiveLink)Random(_model, LinkTypeRegistry.DefaultOuter)));
    }

    public StepScheduler Steps { get; }

    public Task<MasAnswer> AskAsync(
        int words,
        int rounds,
        int latentSteps,
        int newTokens,
        Action<MasUpdate>? listener = null,
        CancellationToken cancellationToken = default) => _engine.RunAsync(
        new RunRequest
        {
            Question = new MasQuestion(string.Join(' ', Enumerable.Range(0, words).Select(word => $"word{word % 17}"))),
            Prompts = StyleCatalogue.Find("sequential_light").Prompts,
            Rounds = rounds,
            LatentSteps = latentSteps,
            MaxNewTokens = newTokens,
            Sampling = new SamplingOptions { DoSample = false, MinNewTokens = newTokens },
        },
        listener,
        cancellationToken);

    public void Dispose()
    {
        Steps.Dispose();
        _model.Dispose();
    }

    /// <summary>A link of random weights for a model that all agents share, in its element type and on its device.</summary>
    public static AdapterLink Random(ICausalLanguageModel model, string type)
    {
        using var scope = NewDisposeScope();
        int width = model.Configuration.HiddenSize;
        var formula = (LinkFormula)LinkTypeRegistry.BuiltIn.Find(type, "benchmark");
        return (AdapterLink)LinkTypeRegistry.Create(
            formula,
            formula.Tensors(width, width).ToDictionary(w => w.Name, w => randn(w.Shape) * 0.05f),
            width,
            width,
            "benchmark",
            model.Dtype,
            model.Device);
    }
}
