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

    public RealSystem(string folder)
    {
        CheckpointFolder files = CheckpointFolder.FromDirectory(folder);
        _model = CausalLanguageModel.Load(files, new ModelLoadOptions { Dtype = ModelDtype.Float32 });
        Steps = new StepScheduler(_model);
        MasGraph graph = StyleCatalogue.Find("sequential_light").Graph;
        ChatTokenizer text = ChatTokenizer.Load(files, parseSpecialTokens: false, TimeProvider.System);
        int width = _model.Configuration.HiddenSize;
        _engine = new RecursionEngine(
            graph,
            graph.Agents.ToDictionary(name => name, name => (IAgent)new LatentAgent(name, Steps, text, Link(LinkTypeRegistry.DefaultInner))),
            graph.Edges.ToDictionary(edge => edge.Key, _ => (IRecursiveLink)Link(LinkTypeRegistry.DefaultOuter)));

        AdapterLink Link(string type) => RandomLink.Of(type, width, ScalarType.Float32);
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
