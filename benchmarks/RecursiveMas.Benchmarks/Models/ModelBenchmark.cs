using RecursiveMas.Links;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>Rollout, decoding, prefill and loading of a real model. Argument: its folder.</summary>
internal static class ModelBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- models FOLDER";
    private const int Prompt = 512, Steps = 48, Tokens = 64;

    public static int Run(string[] arguments)
    {
        if (arguments.Length != 1)
        {
            Console.Error.WriteLine($"usage: {Command}");
            return 2;
        }

        CheckpointFolder folder = CheckpointFolder.FromDirectory(arguments[0]);
        Loading(folder);
        Speed(folder);
        return 0;
    }

    private static void Loading(CheckpointFolder folder)
    {
        long weights = folder.GetLength("model.safetensors");
        var table = new ResultTable(
            "Loading a model: memory above the idle process",
            Command,
            "way",
            "weights, MB",
            "peak while loading / weights",
            "peak with one token read / weights",
            "private memory / weights");
        using (var warm = zeros(1))
            warm.add(1).Dispose();
        foreach ((string way, bool optimize) in new[] { ("stored bfloat16, mapped (zero-copy)", false), ("stored bfloat16, optimised layouts", true) })
        {
            GC.Collect();
            ProcessMemory.ResetPeak();
            long idle = ProcessMemory.Resident, idlePrivate = ProcessMemory.Anonymous;
            using ICausalLanguageModel model = CausalLanguageModel.Load(folder, new ModelLoadOptions { Dtype = ModelDtype.Stored, OptimizeWeights = optimize });
            long loading = ProcessMemory.PeakResident - idle;
            using (inference_mode(true))
            using (NewDisposeScope())
                model.Logits(model.Forward(model.Embed(tensor(new long[] { 1 })), [new ForwardRow(1, null)]));
            table.Add(
                way,
                $"{weights / 1e6:0}",
                $"{(double)loading / weights:0.000}",
                $"{(double)(ProcessMemory.PeakResident - idle) / weights:0.000}",
                $"{(double)(ProcessMemory.Anonymous - idlePrivate) / weights:0.000}");
        }

        table.Write("loading", "The idle process has loaded libtorch and computed once. Mapped weights become resident when they are first read.");
    }

    private static void Speed(CheckpointFolder folder)
    {
        var rollout = new ResultTable(
            $"Latent rollout, prompt {Prompt}, {Steps} steps, batch 1",
            Command,
            "model computes in",
            "cached, s",
            "whole sequence anew at each step, s",
            "ratio");
        var speed = new ResultTable(
            "Decoding and prefill, batch 1",
            Command,
            "model computes in",
            "weights",
            "decode, tokens/s",
            $"prefill of {Prompt}, tokens/s",
            "decode / mapped",
            "prefill / mapped");
        foreach (ModelDtype dtype in new[] { ModelDtype.Float32, ModelDtype.BFloat16 })
        {
            double mappedDecode = 0, mappedPrefill = 0;
            foreach (bool optimize in new[] { false, true })
            {
                using ICausalLanguageModel model = CausalLanguageModel.Load(folder, new ModelLoadOptions { Dtype = dtype, OptimizeWeights = optimize });
                using var mode = inference_mode(true);
                using var scope = NewDisposeScope();
                Tensor embeddings = model.Embed(arange(Prompt).remainder(1000).add(20)); // [T, H]
                double prefill = Prompt / SideBySide.Measure(5, () => Read(model, embeddings));
                double decode = Tokens / (SideBySide.Measure(
                    3,
                    () => Write(model, embeddings.narrow(0, 0, 16), Tokens + 1)) - SideBySide.Measure(3, () => Write(model, embeddings.narrow(0, 0, 16), 1)));
                if (!optimize)
                    (mappedDecode, mappedPrefill) = (decode, prefill);
                speed.Add(
                    dtype,
                    optimize ? "optimised" : "mapped",
                    $"{decode:0.0}",
                    $"{prefill:0}",
                    $"{decode / mappedDecode:0.00}",
                    $"{prefill / mappedPrefill:0.00}");
                if (!optimize)
                    continue;
                using AdapterLink inner = RandomLink.Of(LinkTypeRegistry.DefaultInner, model.Configuration.HiddenSize, model.Dtype);
                (double cached, double anew, double ratio) = SideBySide.Measure(
                    3,
                    () => Rollout(model, embeddings, inner, cached: true),
                    () => Rollout(model, embeddings, inner, cached: false));
                rollout.Add(dtype, $"{cached:0.00}", $"{anew:0.00}", $"{ratio:0.0}");
            }
        }

        speed.Write("decoding");
        rollout.Write("rollout", "Both use the same optimised weights; the ratio is the median of the pairwise ratios of runs in turn.");
    }

    private static void Read(ICausalLanguageModel model, Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        using ModelCache cache = model.CreateCache(Prompt);
        model.Forward(embeddings, [new ForwardRow(Prompt, cache)]);
    }

    private static void Write(ICausalLanguageModel model, Tensor embeddings, int tokens)
    {
        using var scope = NewDisposeScope();
        using ModelCache cache = model.CreateCache((int)embeddings.size(0) + tokens);
        Tensor next = embeddings;
        for (int token = 0; token < tokens; token++)
        {
            using var step = NewDisposeScope();
            Tensor state = model.Forward(next, [new ForwardRow((int)next.size(0), cache)])[^1..];
            next = model.Embed(tensor([model.Logits(state).argmax().ToInt64()])).MoveToOuterDisposeScope();
        }
    }

    /// <summary>The latent rollout, or the reference's way: the whole sequence anew at every step.</summary>
    private static void Rollout(ICausalLanguageModel model, Tensor embeddings, AdapterLink inner, bool cached)
    {
        using var scope = NewDisposeScope();
        using ModelCache? cache = cached ? model.CreateCache(Prompt + Steps) : null;
        Tensor next = embeddings;
        for (int step = 1; step <= Steps; step++)
        {
            using var one = NewDisposeScope();
            Tensor mapped = inner.Forward(model.Forward(next, [new ForwardRow((int)next.size(0), cache)])[^1..]).to_type(model.Dtype);
            next = (cached ? mapped : cat([next, mapped])).MoveToOuterDisposeScope();
        }
    }
}
