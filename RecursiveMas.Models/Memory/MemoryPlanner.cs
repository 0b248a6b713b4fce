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
    public static MemoryEstimate Estimate(DecoderConfiguration config, WeightReader weights, ScalarType stored, ComputePlan plan, MemoryWorkload workload)
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

        WeightShapes shapes = config.Weights();
        WeightSums sums = Weights(shapes, weights, plan, writes: workload.NewTokens > 0);
        var work = new WorkingMemory(config, shapes, plan);
        bool thinks = workload.LatentSteps > 0, writes = workload.NewTokens > 0;
        return new MemoryEstimate
        {
            Device = plan.Device,
            Dtype = plan.Dtype,
            StoredDtype = stored,
            MappedWeights = sums.Mapped,
            LookedUpWeights = sums.LookedUp,
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
        workload.BatchSize * config.Caches().Sum(cache => cache.Bytes((long)workload.PromptLength + more - 1, plan.ElementSize));

    private static WeightSums Weights(WeightShapes shapes, WeightReader weights, ComputePlan plan, bool writes)
    {
        const string Head = $"{SharedParts.Head}.weight";
        bool ownHead = shapes.Contains(Head);
        var sums = new WeightSums(shapes, weights, plan);
        // The order of ModelBuilder. A tied head that is packed is a second copy of the embedding.
        sums.Add([SharedParts.Embedding], linear: false);
        long embedding = sums.Mapped;
        bool headOfItsOwn = ownHead || plan.Copies(shapes[SharedParts.Embedding][0], shapes[SharedParts.Embedding][1]);
        if (headOfItsOwn)
            sums.Add([ownHead ? Head : SharedParts.Embedding], linear: true, again: !ownHead);
        sums.LookedUp = !writes ? sums.Mapped : headOfItsOwn ? embedding : 0;

        foreach ((string name, long[] shape) in shapes.All)
        {
            IReadOnlyList<string> group = plan.FuseWeights ? shapes.JoinedWith(name) : [name];
            if (name is not (SharedParts.Embedding or Head) && name == group[0])
                sums.Add(group, linear: shape.Length == 2);
        }

        return sums;
    }

    /// <summary>Adds up weights in the order in which they are loaded.</summary>
    private sealed class WeightSums(WeightShapes shapes, WeightReader weights, ComputePlan plan)
    {
        private long _peak;

        public long Mapped { get; private set; }

        public long LookedUp { get; set; }

        public long Private { get; private set; }

        public long Work => Math.Max(0, _peak - Private);

        /// <param name="group">Weights that are joined into one, or a single one.</param>
        /// <param name="linear">Whether a product takes place with them.</param>
        /// <param name="again">Whether they are in memory already, as the embedding.</param>
        public void Add(IReadOnlyList<string> group, bool linear, bool again = false)
        {
            bool embedding = group[0] == SharedParts.Embedding;
            if (plan.Rows && (linear || embedding))
            {
                AddRows(group[0], rounded: linear && plan.Layout == WeightLayout.Int8Rows);
                return;
            }

            bool packed = linear && plan.Packs(group.Sum(name => shapes[name][0]), shapes[group[0]][1]), joined = group.Count > 1;
            // What is narrow in the file is widened for norms, taps and rates.
            int element = linear || embedding ? plan.ElementSize : sizeof(float);
            long bytes = group.Sum(name => WeightShapes.Elements(shapes[name])) * element;
            bool converted = plan.Device.type != DeviceType.CPU || group.Any(name => weights.TypeOf(name) != plan.Dtype);
            if (!packed && !joined && !converted && (linear || embedding))
            {
                Mapped += bytes;
                return;
            }

            if (!(again && converted))
                _peak = Math.Max(_peak, Private + bytes + Beside(group, bytes, packed, joined, converted));
            Private += bytes;
            _peak = Math.Max(_peak, Private);
        }

        /// <summary>A weight as stored, or rounded to bytes with a factor for each row while the file's pages are there.</summary>
        private void AddRows(string name, bool rounded)
        {
            long bytes = WeightShapes.Elements(shapes[name]) * SafetensorsTypes.SizeOf(weights.TypeOf(name).ToElementType());
            if (!rounded)
            {
                Mapped += bytes;
                return;
            }

            Private += WeightShapes.Elements(shapes[name]) + (shapes[name][0] * sizeof(float));
            _peak = Math.Max(_peak, Private + bytes);
        }

        /// <summary>What there is beside the result. A weight is converted, then joined, then packed; each step lets the one before it go.</summary>
        private long Beside(IReadOnlyList<string> group, long bytes, bool packed, bool joined, bool converted)
        {
            long between = (packed && (joined || converted)) || (joined && converted) ? bytes : 0;
            if (!converted)
                return bytes + between; // the file's pages, until the last step
            // Pages of the file are in this machine's memory, whatever device the weight goes to.
            long read = plan.Device.type == DeviceType.CPU
                ? WeightShapes.Elements(shapes[group[^1]]) * SafetensorsTypes.SizeOf(weights.TypeOf(group[^1]).ToElementType())
                : 0;
            return Math.Max(read, between);
        }
    }
}
