using RecursiveMas.Checkpoints;
using RecursiveMas.Families;
using RecursiveMas.Layers;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Memory;

/// <summary>Adds up what loading and running a model will allocate, by the same rules by which <see cref="ModelBuilder"/> places weights.</summary>
internal static class MemoryPlanner
{
    public static MemoryEstimate Estimate(DecoderConfiguration config, WeightReader weights, ComputePlan plan, MemoryWorkload workload)
    {
        foreach ((string name, int value, int least) in new[]
        {
            (nameof(MemoryWorkload.BatchSize), workload.BatchSize, 1),
            (nameof(MemoryWorkload.PromptLength), workload.PromptLength, 1),
            (nameof(MemoryWorkload.LatentSteps), workload.LatentSteps, 0),
            (nameof(MemoryWorkload.NewTokens), workload.NewTokens, 0),
        })
        {
            if (value < least)
                throw new InvalidOptionException(name, $"{value} is not possible; at least {least} is.");
        }

        WeightSums sums = Weights(config, weights, plan);
        var work = new WorkingMemory(config, plan);
        bool thinks = workload.LatentSteps > 0, writes = workload.NewTokens > 0;
        return new MemoryEstimate
        {
            Device = plan.Device,
            Dtype = plan.Dtype,
            MappedWeights = sums.Mapped,
            PrivateWeights = sums.Private,
            LoadingWork = sums.Work,
            ThinkingCache = thinks ? Cache(config, plan, workload, workload.LatentSteps) : 0,
            ThinkingWork = thinks ? work.Prompt(workload.BatchSize, workload.PromptLength) : 0,
            WritingCache = writes ? Cache(config, plan, workload, workload.NewTokens) : 0,
            WritingWork = writes ? work.Prompt(workload.BatchSize, workload.PromptLength) + work.Logits(workload.BatchSize) : 0,
        };
    }

    // The last state or token is handed out, but never read.
    private static long Cache(DecoderConfiguration config, ComputePlan plan, MemoryWorkload workload, int more) =>
        config.Caches().Sum(cache => cache.Bytes(workload.BatchSize, (long)workload.PromptLength + more - 1, WorkingMemory.SizeOf(plan.Dtype)));

    private static WeightSums Weights(DecoderConfiguration config, WeightReader weights, ComputePlan plan)
    {
        WeightShapes shapes = config.Weights();
        int element = WorkingMemory.SizeOf(plan.Dtype);
        bool cpu = plan.Device.type == DeviceType.CPU;
        long mapped = 0, owned = 0, work = 0;
        foreach ((string name, long[] shape) in shapes.All)
        {
            bool linear = shape.Length == 2 && name != SharedParts.Embedding;
            IReadOnlyList<string> group = JoinedLinears.WeightsWith(name);
            bool joined = plan.FuseWeights && group.Count > 1;
            bool packed = linear && plan.Packs(joined ? group.Sum(part => shapes[part][0]) : shape[0], shape[1]);
            bool converted = !cpu || weights.TypeOf(name) != plan.Dtype;
            // What is narrow in the file is widened for norms, taps and rates.
            long bytes = WeightShapes.Elements(shape) * (linear || name == SharedParts.Embedding ? element : sizeof(float));
            if (packed || joined || converted || (!linear && name != SharedParts.Embedding))
                owned += bytes;
            else
                mapped += bytes;
            // Parts are converted, then joined, then packed; each step lets the one before it go.
            if ((packed && (joined || converted)) || (joined && converted))
                work = Math.Max(work, joined ? group.Sum(part => WeightShapes.Elements(shapes[part])) * element : bytes);
        }

        // A packed head is a second copy of the embedding.
        if (config.TiedHead && plan.Packs(shapes[SharedParts.Embedding][0], shapes[SharedParts.Embedding][1]))
            owned += WeightShapes.Elements(shapes[SharedParts.Embedding]) * element;
        return new WeightSums(mapped, owned, work);
    }

    private sealed record WeightSums(long Mapped, long Private, long Work);
}
