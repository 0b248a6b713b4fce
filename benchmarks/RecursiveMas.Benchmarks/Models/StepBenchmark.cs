using System.Diagnostics;
using System.Globalization;
using RecursiveMas.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// Where the time of a step goes, with managed steps and with libtorch alone, and what a step allocates and how many tensors it makes. Arguments: the folder
/// of SmolLM2 135M; --only profile or allocation.
/// </summary>
internal static class StepBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- steps FOLDER";
    private const string Name = "steps", Page = "A step of one position";
    private const int Prompt = 256, Steps = 64, Runs = 9;

    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0)
        {
            Console.Error.WriteLine($"usage: {Command}");
            return 2;
        }

        string? only = arguments.SkipWhile(argument => argument != "--only").Skip(1).FirstOrDefault();
        if (only != "profile")
            Allocation(arguments[0]);
        if (only != "allocation")
            Profile(arguments[0]);
        return 0;
    }

    private static void Profile(string folder)
    {
        var table = new ResultTable(
            "SmolLM2 135M: microseconds of a step", Command, "part", "managed steps, weights as stored", "share", "libtorch alone, packed float32", "share");
        Dictionary<string, double> managed = Managed(folder), torch = Torch(folder);
        double all = managed.Values.Sum(), allOfTorch = torch.Values.Sum();
        foreach (string part in managed.Keys.Union(torch.Keys))
            table.Add(part, Cell(managed, part), Share(managed, part, all), Cell(torch, part), Share(torch, part, allOfTorch));
        table.Add("together", Text(all), "", Text(allOfTorch), "");
        table.WriteSection(
            Name,
            Page,
            $"Medians of {Runs} runs of {Steps} steps of one row behind a prompt of {Prompt}, on the calling thread; waiting for other threads at the end of " +
            "a phase is part of it. Libtorch alone is how steps ran before: its products are timed by themselves, on as many different weights of the same " +
            "shapes, and the rest of the step is what is left: norms, rotations, attention, and the calls of its operators.");

        static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
        static string Cell(Dictionary<string, double> of, string part) => of.TryGetValue(part, out double value) ? Text(value) : "";
        static string Share(Dictionary<string, double> of, string part, double all) =>
            of.TryGetValue(part, out double value) ? (value / all).ToString("0 %", CultureInfo.InvariantCulture) : "";
    }

    private static Dictionary<string, double> Managed(string folder)
    {
        using var engine = new OurEngine(folder, "auto");
        var runs = new List<Dictionary<string, double>>();
        for (int run = 0; run < Runs; run++)
        {
            var profile = new StepProfile();
            ManagedStep.Profile = profile;
            (double step, double head, double choice) = Timed(engine.Model);
            ManagedStep.Profile = null;
            var parts = Enum.GetValues<StepPhase>().ToDictionary(Label, phase => profile[phase] / Steps);
            parts.Add("around the layers", step - parts.Values.Sum());
            parts.Add("head", head);
            parts.Add("choosing the token", choice);
            runs.Add(parts);
        }

        return Medians(runs);
    }

    private static Dictionary<string, double> Torch(string folder)
    {
        using ICausalLanguageModel model = CausalLanguageModel.Load(
            CheckpointFolder.FromDirectory(folder),
            new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Packed, ManagedKernels = false });
        const int Layers = 30;
        (StepPhase Phase, int Outputs, int Inputs)[] shapes =
        [
            (StepPhase.Projections, 960, 576), (StepPhase.OutputProjection, 576, 576), (StepPhase.GateUp, 3072, 576), (StepPhase.Down, 576, 1536),
        ];
        var plan = new ComputePlan(ScalarType.Float32, CPU, WeightLayout.Packed);
        Linear[][] products = [.. shapes.Select(shape => Enumerable.Range(0, Layers).Select(_ =>
            Linear.Create(randn(shape.Outputs, shape.Inputs).DetachFromDisposeScope(), null, plan)).ToArray())];
        var runs = new List<Dictionary<string, double>>();
        for (int run = 0; run < Runs; run++)
        {
            (double step, double head, double choice) = Timed(model);
            var parts = new Dictionary<string, double>(StringComparer.Ordinal);
            using var mode = inference_mode(true);
            using var scope = NewDisposeScope();
            for (int i = 0; i < shapes.Length; i++)
            {
                Tensor x = randn(1, shapes[i].Inputs);
                parts.Add(Label(shapes[i].Phase), Microseconds(() =>
                {
                    for (int step = 0; step < Steps; step++)
                    {
                        foreach (Linear product in products[i])
                            product.Forward(x).Dispose();
                    }
                }) / Steps);
            }

            parts.Add("norms, rotations, attention, operators", step - parts.Values.Sum());
            parts.Add("head", head);
            parts.Add("choosing the token", choice);
            runs.Add(parts);
        }

        foreach (Linear product in products.SelectMany(all => all))
            product.Dispose();
        return Medians(runs);
    }

    private static string Label(StepPhase phase) => phase switch
    {
        StepPhase.Norms => "norms",
        StepPhase.Projections => "projections of queries, keys, values",
        StepPhase.Attention => "rotations, cache, attention",
        StepPhase.OutputProjection => "output projection",
        StepPhase.GateUp => "gate and up",
        _ => "down",
    };

    private static Dictionary<string, double> Medians(List<Dictionary<string, double>> runs) =>
        runs[0].Keys.ToDictionary(part => part, part => SideBySide.Median(runs.Select(run => run[part])));

    /// <summary>Microseconds of a step for the layers, the head, and the choice of the likeliest token.</summary>
    private static (double Step, double Head, double Choice) Timed(ICausalLanguageModel model)
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        using ModelCache cache = model.CreateCache(Prompt + Steps);
        model.Forward(model.Embed(arange(Prompt).add(20)), [new ForwardRow(Prompt, cache)]);
        (double step, double head, double choice) = (0, 0, 0);
        Tensor next = model.Embed(tensor(new long[] { 20 }));
        for (int i = 0; i < Steps; i++)
        {
            using var one = NewDisposeScope();
            Tensor? states = null, logits = null, token = null;
            step += Microseconds(() => states = model.Forward(next, [new ForwardRow(1, cache)]));
            head += Microseconds(() => logits = model.Logits(states!));
            choice += Microseconds(() => token = tensor(new[] { logits!.argmax().ToInt64() }));
            next = model.Embed(token!).MoveToOuterDisposeScope();
        }

        return (step / Steps, head / Steps, choice / Steps);
    }

    private static void Allocation(string folder)
    {
        var table = new ResultTable(
            "SmolLM2 135M: managed memory and tensors",
            Command,
            "path",
            "tensors a latent step",
            "bytes a latent step",
            "tensors a token",
            "bytes a token",
            "bytes a token, of the process");
        foreach ((string path, ModelLoadOptions options) in new[]
        {
            ("managed steps, weights as stored", new ModelLoadOptions()),
            ("libtorch alone, packed float32", new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Packed, ManagedKernels = false }),
        })
        {
            CountingModel? counting = null;
            using var system = new RealSystem(folder, options, wrap: model => counting = new CountingModel(model));
            system.AskAsync(20, 2, 32, 32).GetAwaiter().GetResult();
            (StepCost thinking, StepCost writing) = counting!.Costs();
            table.Add(
                path,
                $"{thinking.Tensors:0}",
                $"{thinking.Bytes:0}",
                $"{writing.Tensors:0}",
                $"{writing.Bytes:0}",
                $"{writing.BytesOfProcess:0}");
        }

        table.WriteSection(
            Name,
            Page,
            "Medians over the steps of one question to a system with the model in all roles: all that the computing thread allocates and makes from one step " +
            "to the next, with scheduler, inner link, head and sampler. The last column counts the caller's threads too, with the text, the events and the " +
            "trace.");
    }

    private static double Microseconds(Action action)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }
}

/// <summary>What one step costs beside its time.</summary>
internal sealed record StepCost(double Tensors, double Bytes, double BytesOfProcess);

/// <summary>A model that notes, whenever it is called for a step, how many tensors its thread has made and what was allocated.</summary>
internal sealed class CountingModel(ICausalLanguageModel model) : ICausalLanguageModel
{
    private readonly List<Note> _notes = [];
    private bool _logits;

    public ModelConfiguration Configuration => model.Configuration;

    public ScalarType Dtype => model.Dtype;

    public Device Device => model.Device;

    /// <summary>Medians from one step of a single position to the next: latent steps, and tokens.</summary>
    public (StepCost Thinking, StepCost Writing) Costs() => (Cost(false), Cost(true));

    public Tensor Embed(Tensor ids) => model.Embed(ids);

    public Tensor Forward(Tensor embeddings, IReadOnlyList<ForwardRow> rows)
    {
        ThreadDisposeScopeStatistics made = DisposeScopeManager.Statistics;
        _notes.Add(new Note(
            embeddings.size(0) == 1,
            _logits,
            made.CreatedInScopeCount + made.CreatedOutsideScopeCount,
            GC.GetAllocatedBytesForCurrentThread(),
            GC.GetTotalAllocatedBytes(precise: true)));
        _logits = false;
        return model.Forward(embeddings, rows);
    }

    public Tensor Logits(Tensor hidden)
    {
        _logits = true;
        return model.Logits(hidden);
    }

    public ModelCache CreateCache(int capacity = 0) => model.CreateCache(capacity);

    public void Dispose() => model.Dispose();

    private StepCost Cost(bool writing)
    {
        // From one single position to the next, so that a whole step with what follows it lies between.
        (Note From, Note To)[] steps = [.. _notes.Zip(_notes.Skip(1)).Where(pair => pair.First.Single && pair.Second.Single && pair.Second.Written == writing)];
        double Median(Func<Note, long> value) => SideBySide.Median(steps.Select(step => (double)(value(step.To) - value(step.From))));
        return new StepCost(Median(note => note.Tensors), Median(note => note.Bytes), Median(note => note.BytesOfProcess));
    }

    /// <param name="Single">Whether the step reads one position.</param>
    /// <param name="Written">Whether the step before it made a token.</param>
    /// <param name="Tensors">Tensors that the thread has made so far.</param>
    /// <param name="Bytes">Bytes that it has allocated.</param>
    /// <param name="BytesOfProcess">Bytes that all threads have.</param>
    private readonly record struct Note(bool Single, bool Written, long Tensors, long Bytes, long BytesOfProcess);
}
