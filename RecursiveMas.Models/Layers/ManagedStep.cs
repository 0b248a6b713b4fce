using RecursiveMas.Caching;
using RecursiveMas.Kernels;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>
/// A few new positions through consecutive layers in one run of a team of threads, on the tensors' own memory: no operator of libtorch is called and no
/// tensor made between the first layer and the last. A layer has five phases: projections; heads; output projection; gate and up; down. Whoever works
/// in a phase that begins with a norm computes that norm for itself, which takes less time than waiting for another thread.
/// </summary>
/// <remarks>Computes in float32. One run at a time.</remarks>
internal sealed unsafe class ManagedStep : TeamJob
{
    /// <summary>New positions of all rows that a step takes at most.</summary>
    public const int MostPositions = 32;

    // Multiplications of a layer from which other threads are worth waking.
    private const long LeastWork = 250_000;
    private const int PhasesOfLayer = 5;

    private StepLayer[] _layers = [];
    private AttentionRow[] _rows = [];
    private HeadNorm? _finalNorm;
    private TeamPhase[] _phases = [];
    private float[] _memory = [];
    private int[] _positions = [];
    private int _count, _width, _rowCount, _threads;

    // [N, H] each: the input, the sums so far, in turn, what a branch adds to them, the result.
    private float* _input, _even, _odd, _branch, _result;

    // [N, widest]: heads; what attention makes of them; gate and up; their product. And [2, N, H] for each thread: its own sum and norm.
    private float* _heads, _mixed, _gates, _gated, _own;

    /// <summary>Told where the time of calling threads goes; null, for nobody, but in a benchmark that runs one step at a time.</summary>
    internal static StepProfile? Profile { get; set; }

    /// <summary>Whether a step can take these rows: few positions, each row with a cache.</summary>
    public static bool Takes(ForwardContext context)
    {
        if (!context.UseKernels || context.Positions > MostPositions)
            return false;
        foreach (ref readonly RowSpan row in context.Rows)
        {
            if (row.Cache is null || row.Length > AttentionKernels.PositionsAtATime)
                return false;
        }

        return true;
    }

    /// <summary>Runs the step.</summary>
    /// <param name="x">[N, H], float32, contiguous.</param>
    /// <param name="context">The call, which <see cref="Takes"/> has accepted. The caches of its rows go on in these layers.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="first">Number of the first one in the model.</param>
    /// <param name="finalNorm">Norm behind the last one; null for none.</param>
    /// <returns>[N, H].</returns>
    public Tensor Run(Tensor x, ForwardContext context, StepLayer[] layers, int first, RmsNorm? finalNorm)
    {
        (_layers, _count, _width, _finalNorm) = (layers, context.Positions, (int)x.size(1), finalNorm?.ForHeads());
        _threads = layers[0].Elements * _count >= LeastWork ? KernelTeam.Threads : 1;
        Tensor result = empty_like(x);
        Reserve();
        _input = (float*)TensorMemory.Address(x);
        _result = (float*)TensorMemory.Address(result);
        Attend(context, first);
        Begin();
        KernelTeam.Instance.Run(this, _threads);
        GC.KeepAlive(x);
        return result;
    }

    protected override void Work(int member)
    {
        // The sums so far move to and fro between two places, as long as others may read them where they were.
        float* sums = _input;
        HeadNorm? branchNorm = null;
        StepProfile? profile = member == 0 ? Profile : null;
        profile?.Begin();
        float* sum = _own + ((nint)member * 2 * _count * _width), normed = sum + ((nint)_count * _width);
        for (int i = 0; i < _layers.Length; i++)
        {
            StepLayer layer = _layers[i];
            Span<TeamPhase> phases = _phases.AsSpan(i * PhasesOfLayer, PhasesOfLayer);
            Project(ref phases[0], layer, sums, i > 0 ? _branch : null, branchNorm, _even, sum, normed, profile);
            profile?.Add(StepPhase.Projections);
            Heads(ref phases[1], layer.Attention, _rows.AsSpan(i * _rowCount, _rowCount));
            profile?.Add(StepPhase.Attention);
            Multiply(ref phases[2], layer.Attention.Output, _mixed, _branch);
            profile?.Add(StepPhase.OutputProjection);
            Gate(ref phases[3], layer, _even, _odd, sum, normed, profile);
            profile?.Add(StepPhase.GateUp);
            sums = _odd;
            Multiply(ref phases[4], layer.Mlp.Down, _gated, _branch);
            profile?.Add(StepPhase.Down);
            branchNorm = layer.MlpBranch;
        }

        Finish(ref _phases[_layers.Length * PhasesOfLayer], sums, branchNorm, normed);
        profile?.Add(StepPhase.Norms);
    }

    private void Project(
        ref TeamPhase phase,
        StepLayer layer,
        float* sums,
        float* branch,
        HeadNorm? branchNorm,
        float* next,
        float* sum,
        float* normed,
        StepProfile? profile)
    {
        bool ready = false;
        while (phase.TryTake(_threads, out int first, out int end))
        {
            if (!ready)
            {
                Norm(sums, branch, branchNorm, layer.AttentionNorm, first == 0 ? next : sum, normed);
                profile?.Add(StepPhase.Norms);
            }

            ready = true;
            layer.Attention.Projections.Multiply(first, end, normed, _count, _heads);
            phase.Finish(end - first);
        }

        Await(ref phase);
    }

    /// <summary>Norms and rotation of one key head and its queries, their way into the cache, and attention: an item for each row and key head.</summary>
    private void Heads(ref TeamPhase phase, StepAttention attention, ReadOnlySpan<AttentionRow> rows)
    {
        HeadLayout layout = attention.Task.Heads;
        while (phase.TryTake(_threads, out int first, out int end))
        {
            for (int item = first; item < end; item++)
            {
                ref readonly AttentionRow row = ref rows[item / layout.KeyHeads];
                int keyHead = item % layout.KeyHeads, firstQuery = keyHead * layout.Group;
                for (int i = 0; i < row.Length; i++)
                    Turn(attention, row, i, keyHead);
                AttentionKernel.Head<Float32Element>(row, attention.Task, keyHead);
                for (int i = 0; i < row.Length && attention.Gated; i++)
                {
                    float* mixed = (float*)row.Output + (((nint)i * layout.QueryHeads) + firstQuery) * layout.Size;
                    float* gates = (float*)row.Heads + ((nint)i * layout.Width) + (firstQuery * layout.QueryStep) + layout.Size;
                    for (int query = 0; query < layout.Group; query++, mixed += layout.Size, gates += layout.QueryStep)
                        RowKernels.MultiplyBySigmoid((Float32Element*)mixed, (Float32Element*)gates, layout.Size);
                }
            }

            phase.Finish(end - first);
        }

        Await(ref phase);
    }

    /// <summary>One position of a row: norms and rotates a key head and its queries, and brings key and value into the cache.</summary>
    private void Turn(StepAttention attention, in AttentionRow row, int position, int keyHead)
    {
        HeadLayout layout = attention.Task.Heads;
        float* heads = (float*)row.Heads + ((nint)position * layout.Width), key = heads + layout.Keys + (keyHead * layout.Size);
        int number = _positions[(int)((heads - _heads) / layout.Width)], half = attention.Rotary.Channels / 2;
        (float[] angles, int offset) = attention.Rotary.At(number);
        fixed (float* cosines = &angles[offset], queryWeight = attention.QueryNorm.Weight, keyWeight = attention.KeyNorm.Weight)
        {
            HeadKernel.NormAndRotate((Float32Element*)key, layout.Size, keyWeight, attention.KeyNorm, cosines, cosines + half, half);
            float* query = heads + (keyHead * layout.Group * layout.QueryStep);
            for (int i = 0; i < layout.Group; i++, query += layout.QueryStep)
                HeadKernel.NormAndRotate((Float32Element*)query, layout.Size, queryWeight, attention.QueryNorm, cosines, cosines + half, half);
        }

        float* cache = (float*)row.Cache + ((((nint)keyHead * row.Capacity) + row.At + position) * layout.Size);
        new ReadOnlySpan<float>(key, layout.Size).CopyTo(new Span<float>(cache, layout.Size));
        float* value = heads + layout.Values + (keyHead * layout.Size);
        cache += (nint)layout.KeyHeads * row.Capacity * layout.Size;
        new ReadOnlySpan<float>(value, layout.Size).CopyTo(new Span<float>(cache, layout.Size));
    }

    private void Multiply(ref TeamPhase phase, RowStack stack, float* x, float* y)
    {
        while (phase.TryTake(_threads, out int first, out int end))
        {
            stack.Multiply(first, end, x, _count, y);
            phase.Finish(end - first);
        }

        Await(ref phase);
    }

    private void Gate(ref TeamPhase phase, StepLayer layer, float* sums, float* next, float* sum, float* normed, StepProfile? profile)
    {
        bool ready = false;
        RowStack stack = layer.Mlp.GateUp;
        int width = stack.Parts[0].Rows;
        while (phase.TryTake(_threads, out int first, out int end))
        {
            if (!ready)
            {
                Norm(sums, _branch, layer.AttentionBranch, layer.MlpNorm, first == 0 ? next : sum, normed);
                profile?.Add(StepPhase.Norms);
            }

            ready = true;
            int from = first * stack.RowsOfUnit, to = Math.Min(end * stack.RowsOfUnit, width);
            RowProduct.Multiply(stack.Parts[0], from, to, normed, _width, _count, _gates, 2 * width);
            RowProduct.Multiply(stack.Parts[1], from, to, normed, _width, _count, _gates + width, 2 * width);
            for (int i = 0; i < _count; i++)
            {
                float* gate = _gates + ((nint)i * 2 * width) + from, gated = _gated + ((nint)i * width) + from;
                RowKernels.Gated((Float32Element*)gate, (Float32Element*)(gate + width), (Float32Element*)gated, to - from, layer.Mlp.Activation);
            }

            phase.Finish(end - first);
        }

        Await(ref phase);
    }

    private void Finish(ref TeamPhase phase, float* sums, HeadNorm? branchNorm, float* normed)
    {
        while (phase.TryTake(_threads, out int first, out int end))
        {
            // All rows are one item.
            if (_finalNorm is { } norm)
                Norm(sums, _branch, branchNorm, norm, normed, _result);
            else
                Add(sums, _branch, branchNorm, _result);
            phase.Finish(end - first);
        }

        Await(ref phase);
    }

    /// <summary>Adds a branch to the sums so far, and norms the sum.</summary>
    private void Norm(float* sums, float* branch, HeadNorm? branchNorm, HeadNorm norm, float* to, float* normed)
    {
        Add(sums, branch, branchNorm, to);
        for (int i = 0; i < _count; i++)
            Norm(to + ((nint)i * _width), norm, normed + ((nint)i * _width));
    }

    private void Add(float* sums, float* branch, HeadNorm? branchNorm, float* to)
    {
        int length = _count * _width;
        if (branch == null)
        {
            new ReadOnlySpan<float>(sums, length).CopyTo(new Span<float>(to, length));
            return;
        }

        for (int i = 0; i < _count && branchNorm is not null; i++)
            Norm(branch + ((nint)i * _width), branchNorm.Value, to + ((nint)i * _width));
        RowKernels.Add(sums, branchNorm is null ? branch : to, to, length);
    }

    private void Norm(float* x, in HeadNorm norm, float* y)
    {
        fixed (float* weight = norm.Weight)
            RowKernels.RmsNorm((Float32Element*)x, weight, (Float32Element*)y, _width, norm.Eps, norm.RoundFirst);
    }

    /// <summary>Makes place for the new positions in the caches of all layers, and notes where each row finds what.</summary>
    private void Attend(ForwardContext context, int firstLayer)
    {
        _rowCount = context.Rows.Length;
        if (_rows.Length < _layers.Length * _rowCount)
            _rows = new AttentionRow[_layers.Length * _rowCount];
        for (int r = 0; r < _rowCount; r++)
        {
            RowSpan row = context.Rows[r];
            for (int i = 0; i < row.Length; i++)
                _positions[row.Start + i] = row.Past + i;
            for (int i = 0; i < _layers.Length; i++)
            {
                HeadLayout layout = _layers[i].Attention.Task.Heads;
                KeyValueSlots slots = ((KeyValueCache)row.Cache!.Layers[firstLayer + i]).Append(row.Length);
                _rows[(i * _rowCount) + r] = new AttentionRow
                {
                    Heads = _heads + ((nint)row.Start * layout.Width),
                    Cache = (void*)slots.Buffer.Address,
                    Capacity = slots.Buffer.Capacity,
                    From = slots.From,
                    At = slots.At,
                    Length = row.Length,
                    Output = _mixed + ((nint)row.Start * layout.QueryHeads * layout.Size),
                };
            }
        }
    }

    private void Begin()
    {
        if (_phases.Length < (_layers.Length * PhasesOfLayer) + 1)
            _phases = new TeamPhase[(_layers.Length * PhasesOfLayer) + 1];
        for (int i = 0; i < _layers.Length; i++)
        {
            Span<TeamPhase> phases = _phases.AsSpan(i * PhasesOfLayer, PhasesOfLayer);
            (StepAttention attention, StepMlp mlp) = (_layers[i].Attention, _layers[i].Mlp);
            phases[0].Begin(attention.Projections.Units);
            phases[1].Begin(_rowCount * attention.Task.Heads.KeyHeads);
            phases[2].Begin(attention.Output.Units);
            phases[3].Begin((mlp.GateUp.Parts[0].Rows + mlp.GateUp.RowsOfUnit - 1) / mlp.GateUp.RowsOfUnit);
            phases[4].Begin(mlp.Down.Units);
        }

        _phases[_layers.Length * PhasesOfLayer].Begin(1);
    }

    /// <summary>Lays the buffers out one behind the other, each from a multiple of a cache line on.</summary>
    private void Reserve()
    {
        const int Line = 16;
        int heads = _layers.Max(layer => layer.Attention.Projections.Outputs), mixed = _layers.Max(layer => layer.Attention.Output.Inputs);
        int gates = _layers.Max(layer => layer.Mlp.GateUp.Outputs), gated = _layers.Max(layer => layer.Mlp.Down.Inputs);
        long wanted = 0;
        foreach (int width in new[] { _width, _width, _width, heads, mixed, gates, gated, 2 * _threads * _width })
            wanted += ((long)_count * width) + Line;
        if (_memory.Length < wanted + Line)
            _memory = GC.AllocateUninitializedArray<float>(checked((int)wanted + Line), pinned: true);
        if (_positions.Length < _count)
            _positions = new int[MostPositions];
        var at = (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _memory[0]);
        _even = Take(_width);
        _odd = Take(_width);
        _branch = Take(_width);
        _heads = Take(heads);
        _mixed = Take(mixed);
        _gates = Take(gates);
        _gated = Take(gated);
        _own = Take(2 * _threads * _width);

        float* Take(int width)
        {
            const nuint Bytes = Line * sizeof(float);
            float* start = (float*)(((nuint)at + Bytes - 1) / Bytes * Bytes);
            at = start + ((nint)_count * width);
            return start;
        }
    }
}
