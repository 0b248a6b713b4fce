using RecursiveMas.Agents;
using RecursiveMas.Links;
using RecursiveMas.Systems;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>What reading the beginning of each prompt once saves: a sequential system of three rounds with one real model in all roles. Argument: its folder.</summary>
internal static class PrefixBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- prefixes FOLDER";
    private const int Rounds = 3, Runs = 7;

    public static int Run(string[] arguments)
    {
        if (arguments.Length != 1)
        {
            Console.Error.WriteLine($"usage: {Command}");
            return 2;
        }

        CheckpointFolder folder = CheckpointFolder.FromDirectory(arguments[0]);
        using ICausalLanguageModel model = CausalLanguageModel.Load(folder, new ModelLoadOptions { Dtype = ModelDtype.Float32 });
        RecursionEngine engine = Engine(folder, model);
        var table = new ResultTable(
            $"Prompt prefixes read once: {Rounds} rounds of planner, critic and solver, the text left out",
            Command, "question, words", "latent steps", "all prompts read in every round, s", "prefixes read once, s", "ratio");
        foreach (int words in new[] { 50, 200 })
        {
            foreach (int steps in new[] { 4, 16 })
            {
                (double all, double once, double ratio) = SideBySide.Measure(Runs, () => Ask(engine, words, steps, reuse: false), () => Ask(engine, words, steps, reuse: true));
                table.Add(words, steps, $"{all:0.00}", $"{once:0.00}", $"{ratio:0.00}");
            }
        }

        table.Write("prefixes", "Planner and critic have the question before their slot, the solver behind it. The ratio is the median of the pairwise ratios of runs in turn; one token is written.");
        return 0;
    }

    private static void Ask(RecursionEngine engine, int words, int steps, bool reuse) => engine.RunAsync(new RunRequest
    {
        Questions = [new MasQuestion(string.Join(' ', Enumerable.Range(0, words).Select(word => $"word{word % 17}")))],
        Prompts = StyleCatalogue.Find("sequential_light").Prompts,
        Rounds = Rounds,
        LatentSteps = steps,
        MaxNewTokens = 1,
        Sampling = new SamplingOptions { DoSample = false },
        ReusePrefixes = reuse,
    }).GetAwaiter().GetResult();

    private static RecursionEngine Engine(CheckpointFolder folder, ICausalLanguageModel model)
    {
        MasGraph graph = StyleCatalogue.Find("sequential_light").Graph;
        AgentText text = AgentText.Load(folder, parseGiven: false, TimeProvider.System);
        int width = model.Configuration.HiddenSize;
        return new RecursionEngine(
            graph,
            graph.Agents.ToDictionary(name => name, name => (IAgent)new LatentAgent(name, model, text, Random(LinkTypeRegistry.DefaultInner, width))),
            graph.Edges.ToDictionary(edge => edge.Key, _ => (IRecursiveLink)Random(LinkTypeRegistry.DefaultOuter, width)));
    }

    private static AdapterLink Random(string type, int width)
    {
        using var scope = NewDisposeScope();
        LinkFormula formula = LinkTypeRegistry.Find(type, "benchmark");
        return LinkTypeRegistry.Create(formula, formula.Tensors(width, width).ToDictionary(w => w.Name, w => randn(w.Shape) * 0.05f), width, width, "benchmark", ScalarType.Float32, torch.CPU);
    }
}
