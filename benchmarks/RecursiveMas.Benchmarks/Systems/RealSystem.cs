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
            graph.Agents.ToDictionary(name => name, name => (IAgent)new LatentAgent(name, Steps, text, Link(LinkTypeRegistry.DefaultInner))),
            graph.Edges.ToDictionary(edge => edge.Key, _ => (IRecursiveLink)Link(LinkTypeRegistry.DefaultOuter)));

        AdapterLink Link(string type) => RandomLink.Of(type, _model.Configuration.HiddenSize, _model.Dtype, _model.Device);
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
}
