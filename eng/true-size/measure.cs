#:project ../../RecursiveMas.Styles
#:property UsesTorchNative=true
#:property UseCurrentRuntimeIdentifier=true
#:property SelfContained=false
#:property PublishAot=false

// Loads a system, asks it, and sets the estimated beside the measured memory. Linux only; one residency a process.
// Usage: dotnet run eng/true-size/measure.cs -- FOLDER [--residency all|one|BYTES] [--dtype auto|stored|float32|bfloat16] [--plain] [--go-on]
//        [--rounds 3] [--steps 48] [--tokens 64] [--questions 1] [--turns 1]
using System.Diagnostics;
using System.Globalization;
using RecursiveMas;

string folder = args[0];
string? Value(string name) => Array.IndexOf(args, $"--{name}") is >= 0 and int at ? args[at + 1] : null;
int Number(string name, int absent) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : absent;
int questions = Number("questions", 1);
var options = new MasOptions
{
    Style = "sequential_light",
    Rounds = Number("rounds", 3),
    LatentSteps = Number("steps", 48),
    MaxNewTokens = Number("tokens", 64),
    Weights = args.Contains("--plain") ? WeightFormat.Plain : WeightFormat.Auto,
    Dtype = Value("dtype") is { } dtype ? Enum.Parse<ModelDtype>(dtype, ignoreCase: true) : null,
    AnswerPass = false,
    MaxConcurrency = questions,
    Residency = Value("residency") switch
    {
        null or "all" => ModelResidency.All,
        "one" => ModelResidency.OneAtATime,
        var bytes => ModelResidency.Budget(long.Parse(bytes, CultureInfo.InvariantCulture)),
    },
};

const double GiB = 1L << 30;
long[] Memory()
{
    string[] lines = File.ReadAllLines("/proc/self/status");
    long Of(string name) => long.Parse(
        lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;
    return [Of("RssAnon:"), Of("RssFile:")];
}

RecursiveMasRuntime.Initialize();
MasMemoryEstimate estimate = MasSystem.EstimateMemory(
    folder,
    options,
    new MemoryWorkload { BatchSize = questions, PromptLength = 400, LatentSteps = options.LatentSteps.Value, NewTokens = options.MaxNewTokens.Value });
Console.WriteLine($"estimated peak {estimate.Peak / GiB:F2} GiB, of it links {estimate.Links / GiB:F2}");
foreach ((string agent, MemoryEstimate model) in estimate.Agents)
    Console.WriteLine(
        $"  {agent}: private {model.PrivateWeights / GiB:F2}, mapped {model.MappedWeights / GiB:F2}, loading {model.LoadingWork / GiB:F2}, thinking " +
        $"{(model.ThinkingCache + model.ThinkingWork) / GiB:F2}, writing {(model.WritingCache + model.WritingWork) / GiB:F2}, {model.Dtype}");

long[] start = Memory();
long most = 0, mostAnonymous = 0;
using var done = new CancellationTokenSource();
var watch = new Thread(() =>
{
    while (!done.IsCancellationRequested)
    {
        long[] now = Memory();
        most = Math.Max(most, now.Sum());
        mostAnonymous = Math.Max(mostAnonymous, now[0]);
        Thread.Sleep(5);
    }
});
watch.Start();
void Show(string what, TimeSpan time)
{
    long[] now = Memory();
    long managed = GC.GetTotalMemory(forceFullCollection: true);
    Console.WriteLine(
        $"{what,-12} {time.TotalSeconds,7:F1} s   now {now.Sum() / GiB:F2} GiB (anonymous {now[0] / GiB:F2}, managed {managed / GiB:F2}, file " +
        $"{now[1] / GiB:F2}); most so far {most / GiB:F2} (anonymous {mostAnonymous / GiB:F2})");
}

Console.WriteLine($"before: {start.Sum() / GiB:F2} GiB (anonymous {start[0] / GiB:F2}, file {start[1] / GiB:F2})");
var clock = Stopwatch.StartNew();
await using (MasSystem mas = await MasSystem.LoadAsync(folder, options))
{
    Show("loaded", clock.Elapsed);
    for (int turn = 0; turn < Number("turns", 1); turn++)
    {
        clock.Restart();
        await foreach (MasResult result in mas.AskManyAsync(Enumerable.Range(
            3,
            questions).Select(hour => new MasQuestion($"A train leaves at {hour} o'clock and travels 120 km at 60 km/h. When does it arrive?"))))
            _ = result.AnswerOrThrow();
        Show("answered", clock.Elapsed);
    }
}

Show("disposed", clock.Elapsed);
await done.CancelAsync();
watch.Join();
Console.WriteLine(
    $"peak above the start {(most - start.Sum()) / GiB:F2} GiB, estimated {estimate.Peak / GiB:F2}: {100.0 * (most - start.Sum()) / estimate.Peak:F0} %");
