using System.Diagnostics;
using System.Globalization;
using RecursiveMas.Links;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// One model on one device: decoding of several rows, prefill, rollout and whole answers of many callers. With a number of rows and of steps behind the
/// other arguments it only takes those steps, for who counts what they ask of the device.
/// </summary>
internal static class DeviceBenchmark
{
    private const int Prompt = 512, Thoughts = 48, Context = 256, Tokens = 64, NewLengths = 16;

    public static int Run(string[] arguments)
    {
        if (arguments.Length is not (3 or 5) || !Enum.TryParse(arguments[2], ignoreCase: true, out ModelDtype dtype))
        {
            Console.Error.WriteLine("usage: device FOLDER cpu|cuda Float32|BFloat16 [ROWS STEPS]");
            return 2;
        }

        RecursiveMasRuntime.Initialize();
        Device place = arguments[1] == "cpu" ? torch.CPU : device($"{arguments[1]}:0");
        using (ICausalLanguageModel model = CausalLanguageModel.Load(
            CheckpointFolder.FromDirectory(arguments[0]), new ModelLoadOptions { Dtype = dtype, Device = place }))
        using (inference_mode(true))
        {
            if (arguments.Length == 3)
                Steps(model);
            else
                Decode(model, int.Parse(arguments[3], CultureInfo.InvariantCulture), int.Parse(arguments[4], CultureInfo.InvariantCulture));
        }

        if (arguments.Length == 3)
        {
            Answers(arguments[0], place, dtype);
            Operators(place, dtype == ModelDtype.Float32 ? ScalarType.Float32 : ScalarType.BFloat16);
        }

        return 0;
    }

    /// <summary>What single operators cost the host: with so little to compute a device waits for it.</summary>
    private static void Operators(Device place, ScalarType dtype)
    {
        const int Times = 500;
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor x = randn([1, 576], dtype, place), y = randn([1, 576], dtype, place), weight = randn([576, 576], dtype, place);
        Tensor queries = randn([1, 3, 3, 64], dtype, place), keys = randn([1, 3, 300, 64], dtype, place);
        Tensor table = randn([49152, 576], dtype, place), many = randn([8, 576], dtype, place), scores = randn([1, 49152], float32, place);
        Tensor id = tensor(new long[] { 5 });
        foreach ((string name, Func<Tensor> use) in new (string, Func<Tensor>)[]
        {
            ("view", () => x.narrow(1, 0, 64)),
            ("sum", () => x.add(y)),
            ("norm", () => TorchNative.RmsNorm(x, null, 1e-6)),
            ("linear", () => nn.functional.linear(x, weight)),
            ("lookup of one id", () => table.index_select(0, id.to(place))),
            ("head of one row", () => nn.functional.linear(x, table)),
            ("head of eight rows", () => nn.functional.linear(many, table)),
            ("largest of one row", () => scores.max(1).indexes),
            ("attention", () => nn.functional.scaled_dot_product_attention(queries, keys, keys)),
        })
        {
            double seconds = SideBySide.Measure(3, () =>
            {
                for (int i = 0; i < Times; i++)
                    use().Dispose();
                Await(x);
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dtype}\toperator {name}\t{seconds / Times * 1e6:0.0} us"));
        }
    }

    private static void Steps(ICausalLanguageModel model)
    {
        // Whatever is made at first use.
        Decode(model, 1, Tokens);
        foreach (int rows in new[] { 1, 8, 32 })
        {
            (double step, double least, double host) = Decode(model, rows, Tokens);
            Print(
                model,
                $"decode of {rows} rows after {Context} positions",
                $"{rows / step:0} tokens/s, {step * 1e3:0.00} ms a step (least {least * 1e3:0.00}), host busy for {host * 1e3:0.00} ms");
        }

        using var scope = NewDisposeScope();
        Tensor prompt = model.Embed(arange(Prompt).remainder(1000).add(20)); // [T, H]
        double read = SideBySide.Measure(7, () => Read(model, prompt));
        Print(model, $"prefill of {Prompt}", $"{Prompt / read:0} tokens/s, {read * 1e3:0.00} ms");
        double unseen = SideBySide.Median(
            Enumerable.Range(1, NewLengths).Select(i => SideBySide.Seconds(() => Read(model, prompt.narrow(0, 0, Prompt - (7 * i))))));
        Print(model, $"prompts of {NewLengths} lengths below {Prompt}, each read for the first time", $"{unseen * 1e3:0.00} ms");
        using AdapterLink inner = RandomLink.Of(LinkTypeRegistry.DefaultInner, model.Configuration.HiddenSize, model.Dtype, model.Device);
        double cached = SideBySide.Measure(3, () => Think(model, prompt, inner, cached: true));
        Print(model, $"rollout, {Prompt} + {Thoughts}", $"{cached * 1e3:0} ms");
        double anew = SideBySide.Measure(1, () => Think(model, prompt, inner, cached: false));
        Print(model, $"rollout, {Prompt} + {Thoughts}, whole sequence anew at each step", $"{anew * 1e3:0} ms, {anew / cached:0.0} times as long");
    }

    /// <summary>Questions of three agents, two rounds, 32 latent steps and 64 tokens.</summary>
    private static void Answers(string folder, Device place, ModelDtype dtype)
    {
        using var system = new RealSystem(folder, new ModelLoadOptions { Dtype = dtype, Device = place });
        Task Ask() => system.AskAsync(20, 2, 32, Tokens);
        double first = SideBySide.Seconds(() => Ask().GetAwaiter().GetResult());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{dtype}\twhole answer, the first\t{first:0.00} s"));
        foreach (int callers in new[] { 1, 8, 32 })
        {
            long steps = system.Steps.Steps, rows = system.Steps.Rows;
            long started = Stopwatch.GetTimestamp();
            Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Ask())).GetAwaiter().GetResult();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            double rowsPerStep = (double)(system.Steps.Rows - rows) / (system.Steps.Steps - steps);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{dtype}\twhole answers, {callers} callers\t{callers / seconds:0.00} a second, {rowsPerStep:0.0} rows a step"));
        }
    }

    /// <summary>Seconds of a greedy step, of the shortest one, and of what the host does of a step before it waits for the device.</summary>
    private static (double Step, double Least, double Host) Decode(ICausalLanguageModel model, int rows, int steps)
    {
        using var scope = NewDisposeScope();
        ModelCache[] caches = [.. Enumerable.Range(0, rows).Select(_ => model.CreateCache(Context + steps + 8))];
        Tensor prompt = model.Embed(arange(Context).remainder(1000).add(20));
        foreach (ModelCache cache in caches)
        {
            using var one = NewDisposeScope();
            model.Forward(prompt, [new ForwardRow(Context, cache)]);
        }

        ForwardRow[] next = [.. caches.Select(cache => new ForwardRow(1, cache))];
        long[] ids = [.. Enumerable.Range(0, rows).Select(row => (long)row + 20)];
        var times = new List<(double Step, double Host)>(steps);
        for (int step = 0; step < steps; step++)
        {
            using var one = NewDisposeScope();
            long started = Stopwatch.GetTimestamp();
            Tensor best = model.Logits(model.Forward(model.Embed(tensor(ids)), next)).to_type(ScalarType.Float32).max(1).indexes;
            double host = Stopwatch.GetElapsedTime(started).TotalSeconds;
            ids = [.. best.cpu().data<long>()];
            times.Add((Stopwatch.GetElapsedTime(started).TotalSeconds, host));
        }

        foreach (ModelCache cache in caches)
            cache.Dispose();
        // The first ones load kernels.
        times.RemoveRange(0, Math.Min(8, steps / 2));
        return (SideBySide.Median(times.Select(time => time.Step)), times.Min(time => time.Step), SideBySide.Median(times.Select(time => time.Host)));
    }

    private static void Read(ICausalLanguageModel model, Tensor prompt)
    {
        using var scope = NewDisposeScope();
        using ModelCache cache = model.CreateCache(Prompt);
        Await(model.Forward(prompt, [new ForwardRow((int)prompt.size(0), cache)]));
    }

    /// <summary>The latent rollout, or the plain way: the whole sequence anew at every step.</summary>
    private static void Think(ICausalLanguageModel model, Tensor prompt, AdapterLink inner, bool cached)
    {
        using var scope = NewDisposeScope();
        using ModelCache? cache = cached ? model.CreateCache(Prompt + Thoughts) : null;
        Tensor next = prompt;
        for (int step = 1; step <= Thoughts; step++)
        {
            using var one = NewDisposeScope();
            Tensor mapped = inner.Forward(model.Forward(next, [new ForwardRow((int)next.size(0), cache)])[^1..]).to_type(model.Dtype);
            next = (cached ? mapped : cat([next, mapped])).MoveToOuterDisposeScope();
        }

        Await(next);
    }

    // Devices compute beside the host: only a value that has come tells that they are done.
    private static void Await(Tensor result)
    {
        using Tensor last = result[-1, -1];
        last.to_type(ScalarType.Float32).ToSingle();
    }

    private static void Print(ICausalLanguageModel model, string what, FormattableString figures) =>
        Console.WriteLine($"{model.Dtype}\t{what}\t{figures.ToString(CultureInfo.InvariantCulture)}");
}
