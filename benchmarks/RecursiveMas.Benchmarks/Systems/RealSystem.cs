using RecursiveMas.Agents;
using RecursiveMas.Catalogue;
using RecursiveMas.Links;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>A sequential system with one real model in all roles and links of random weights: its answers mean nothing, its work is real.</summary>
internal sealed class RealSystem : IDisposable
{
    private readonly RecursionEngine _engine;

    /// <param name="folder">The model's folder.</param>
    /// <param name="options">How it is loaded. Default: as <see cref="ModelLoadOptions"/> has it.</param>
    /// <param name="textFolder">Folder of tokenizer and template. Default: the model's.</param>
    /// <param name="wrap">Puts something around the model, which disposes it then. Default: nothing.</param>
    public RealSystem(
        string folder, ModelLoadOptions? options = null, string? textFolder = null, Func<ICausalLanguageModel, ICausalLanguageModel>? wrap = null)
    {
        Model = CausalLanguageModel.Load(CheckpointFolder.FromDirectory(folder), options);
        Model = wrap?.Invoke(Model) ?? Model;
        Steps = new StepScheduler(Model);
        MasGraph graph = StyleCatalogue.Find("sequential_light").Graph;
        var text = ChatTokenizer.Load(CheckpointFolder.FromDirectory(textFolder ?? folder), parseSpecialTokens: false, TimeProvider.System);
        _engine = new RecursionEngine(
            graph,
            graph.Agents.ToDictionary(name => name, name => (IAgent)new LatentAgent(name, Steps, text, Link(LinkTypeRegistry.DefaultInner))),
            graph.Edges.ToDictionary(edge => edge.Key, _ => (IRecursiveLink)Link(LinkTypeRegistry.DefaultOuter)));

        AdapterLink Link(string type) => RandomLink.Of(type, Model.Configuration.HiddenSize, Model.Dtype, Model.Device);
    }

    public ICausalLanguageModel Model { get; }

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
        Model.Dispose();
    }
}
