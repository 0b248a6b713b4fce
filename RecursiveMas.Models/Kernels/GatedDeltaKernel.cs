using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Kernels;

/// <summary>Extents and constants of a gated delta layer.</summary>
internal readonly unsafe struct DeltaTask
{
    public required int KeyHeads { get; init; }

    public required int ValueHeads { get; init; }

    public required int KeySize { get; init; }

    public required int ValueSize { get; init; }

    /// <summary>Taps of the convolution.</summary>
    public required int Kernel { get; init; }

    /// <summary>Whether queries and keys are normalised in the model's element type, each operation rounded, or in float32.</summary>
    public required bool NormInModelDtype { get; init; }

    public required float NormEps { get; init; }

    public required float QueryScale { get; init; }

    /// <summary>[kernel, channels], the last for the present input.</summary>
    public required float* Taps { get; init; }

    /// <summary>−exp(A_log), [value heads].</summary>
    public required float* Rate { get; init; }

    /// <summary>[value heads].</summary>
    public required float* StepBias { get; init; }

    public int Keys => KeyHeads * KeySize;

    public int Values => ValueHeads * ValueSize;

    /// <summary>What passes through the convolution: queries, keys, values.</summary>
    public int Channels => (2 * Keys) + Values;

    /// <summary>Where the strengths of writing lie among the projections of a position, behind the channels and the gates.</summary>
    public int Beta => Channels + Values;

    /// <summary>Where the step sizes lie.</summary>
    public int Step => Beta + ValueHeads;

    /// <summary>Elements of a position.</summary>
    public int Width => Step + ValueHeads;

    /// <summary>Numbers that a row needs between the two halves of a step: channels, strengths and decays.</summary>
    public int Scratch => Channels + (2 * ValueHeads);
}

/// <summary>One row that the kernel works on.</summary>
internal readonly unsafe struct DeltaRow
{
    /// <summary>Projections of the row's new positions, [T, width].</summary>
    public required void* Inputs { get; init; }

    /// <summary>New positions T.</summary>
    public required int Length { get; init; }

    /// <summary>The convolution's last inputs, [kernel − 1, channels]; written.</summary>
    public required void* Columns { get; init; }

    /// <summary>[value heads, key size, value size]; written.</summary>
    public required float* State { get; init; }

    /// <summary>[T, values].</summary>
    public required void* Output { get; init; }
}

/// <summary>Convolution and gated delta rule step by step, for rows with few new positions: the states are read and written where they lie.</summary>
internal static unsafe class GatedDeltaKernel
{
    public static void Run<T>(DeltaRow[] rows, int count, DeltaTask task)
        where T : unmanaged, IElement<T>
    {
        float[] scratch = new float[count * task.Scratch];
        int steps = 0;
        for (int i = 0; i < count; i++)
            steps = Math.Max(steps, rows[i].Length);
        for (int step = 0; step < steps; step++)
        {
            int t = step;
            KernelThreads.For(count, (long)count * task.Channels * (task.Kernel + 8), (first, end) =>
            {
                fixed (float* numbers = scratch)
                {
                    for (int row = first; row < end; row++)
                    {
                        if (t < rows[row].Length)
                            Prepare<T>(rows[row], t, task, numbers + (row * task.Scratch));
                    }
                }
            });
            KernelThreads.For(count * task.ValueHeads, 4L * count * task.Values * task.KeySize, (first, end) =>
            {
                fixed (float* numbers = scratch)
                {
                    for (int item = first; item < end; item++)
                    {
                        int row = item / task.ValueHeads;
                        if (t < rows[row].Length)
                            Head<T>(rows[row], t, task, numbers + (row * task.Scratch), item % task.ValueHeads);
                    }
                }
            });
        }
    }

    /// <summary>Convolves, normalises, and works out how much is written and kept: channels, strengths, decays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Prepare<T>(in DeltaRow row, int t, in DeltaTask task, float* numbers)
        where T : unmanaged, IElement<T>
    {
        T* inputs = (T*)row.Inputs + ((nint)t * task.Width);
        Convolve(inputs, (T*)row.Columns, task, numbers);
        for (int head = 0; head < task.KeyHeads; head++)
        {
            Normalise<T>(numbers + (head * task.KeySize), task, task.QueryScale);
            Normalise<T>(numbers + task.Keys + (head * task.KeySize), task, 1);
        }

        float* beta = numbers + task.Channels, decay = beta + task.ValueHeads;
        for (int head = 0; head < task.ValueHeads; head++)
        {
            beta[head] = Round<T>(1 / (1 + MathF.Exp(-T.Widen(inputs[task.Beta + head]))));
            float step = T.Widen(inputs[task.Step + head]) + task.StepBias[head];
            // As PyTorch has it: beyond 20 the softplus is its argument.
            decay[head] = MathF.Exp((step > 20 ? step : (float)Math.Log(1 + Math.Exp(step))) * task.Rate[head]);
        }
    }

    /// <summary>The convolution's sum, rounded, its SiLU, rounded; and the columns one further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convolve<T>(T* inputs, T* columns, in DeltaTask task, float* to)
        where T : unmanaged, IElement<T>
    {
        (int channels, int last) = (task.Channels, task.Kernel - 1);
        int i = 0;
        for (; i <= channels - Block.Length; i += Block.Length)
        {
            Vector<float> low = default, high = default;
            for (int tap = 0; tap <= last; tap++)
            {
                T* from = tap < last ? columns + ((nint)tap * channels) + i : inputs + i;
                float* weight = task.Taps + ((nint)tap * channels) + i;
                T.Load(from, out Vector<float> x0, out Vector<float> x1);
                low += x0 * Vector.Load(weight);
                high += x1 * Vector.Load(weight + Block.Half);
                if (tap > 0)
                    T.Store(columns + ((nint)(tap - 1) * channels) + i, x0, x1);
            }

            Vector.Store(Activated<T>(low), to + i);
            Vector.Store(Activated<T>(high), to + i + Block.Half);
        }

        for (; i < channels; i++)
        {
            float sum = 0;
            for (int tap = 0; tap <= last; tap++)
            {
                T x = tap < last ? columns[((nint)tap * channels) + i] : inputs[i];
                sum += T.Widen(x) * task.Taps[((nint)tap * channels) + i];
                if (tap > 0)
                    columns[((nint)(tap - 1) * channels) + i] = x;
            }

            sum = Round<T>(sum);
            to[i] = Round<T>(sum / (1 + MathF.Exp(-sum)));
        }
    }

    private static Vector<float> Activated<T>(Vector<float> sum)
        where T : unmanaged, IElement<T>
    {
        sum = T.Round(sum);
        return T.Round(sum / (Vector<float>.One + Exponential.Of(-sum)));
    }

    /// <summary>A head divided by the root of the sum of its squares, times a scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise<T>(float* head, in DeltaTask task, float scale)
        where T : unmanaged, IElement<T>
    {
        float sum = 0;
        for (int i = 0; i < task.KeySize; i++)
            sum += task.NormInModelDtype ? Round<T>(head[i] * head[i]) : head[i] * head[i];
        float factor = task.NormInModelDtype
            ? Round<T>(1 / MathF.Sqrt(Round<T>(Round<T>(sum) + task.NormEps)))
            : 1 / MathF.Sqrt(sum + task.NormEps);
        for (int i = 0; i < task.KeySize; i++)
            head[i] = scale * (task.NormInModelDtype ? Round<T>(head[i] * factor) : head[i] * factor);
    }

    /// <summary>S ← decay · S; S ← S + k (β (v − Sᵀk))ᵀ; o = Sᵀq of one value head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Head<T>(in DeltaRow row, int t, in DeltaTask task, float* numbers, int head)
        where T : unmanaged, IElement<T>
    {
        (int keys, int values, int keyHead) = (task.KeySize, task.ValueSize, head / (task.ValueHeads / task.KeyHeads));
        float* query = numbers + (keyHead * keys), key = query + task.Keys, value = numbers + (2 * task.Keys) + (head * values);
        float beta = numbers[task.Channels + head], decay = numbers[task.Channels + task.ValueHeads + head];
        float* state = row.State + ((nint)head * keys * values);
        T* output = (T*)row.Output + ((nint)t * task.Values) + (head * values);
        int i = 0;
        for (; i <= values - Block.Length; i += Block.Length)
        {
            Vector<float> read0 = default, read1 = default, out0 = default, out1 = default;
            var decays = new Vector<float>(decay);
            float* cell = state + i;
            for (int k = 0; k < keys; k++, cell += values)
            {
                Vector<float> s0 = Vector.Load(cell) * decays, s1 = Vector.Load(cell + Block.Half) * decays;
                Vector.Store(s0, cell);
                Vector.Store(s1, cell + Block.Half);
                var factor = new Vector<float>(key[k]);
                read0 = Vector.FusedMultiplyAdd(factor, s0, read0);
                read1 = Vector.FusedMultiplyAdd(factor, s1, read1);
            }

            Vector<float> change0 = (Vector.Load(value + i) - read0) * beta, change1 = (Vector.Load(value + i + Block.Half) - read1) * beta;
            cell = state + i;
            for (int k = 0; k < keys; k++, cell += values)
            {
                var factor = new Vector<float>(key[k]);
                Vector<float> s0 = Vector.FusedMultiplyAdd(factor, change0, Vector.Load(cell));
                Vector<float> s1 = Vector.FusedMultiplyAdd(factor, change1, Vector.Load(cell + Block.Half));
                Vector.Store(s0, cell);
                Vector.Store(s1, cell + Block.Half);
                var asked = new Vector<float>(query[k]);
                out0 = Vector.FusedMultiplyAdd(asked, s0, out0);
                out1 = Vector.FusedMultiplyAdd(asked, s1, out1);
            }

            T.Store(output + i, out0, out1);
        }

        for (; i < values; i++)
        {
            float read = 0, sum = 0;
            for (int k = 0; k < keys; k++)
                read += (state[(k * values) + i] *= decay) * key[k];
            float change = (value[i] - read) * beta;
            for (int k = 0; k < keys; k++)
                sum += (state[(k * values) + i] += key[k] * change) * query[k];
            output[i] = T.Narrow(sum);
        }
    }

    private static float Round<T>(float value)
        where T : unmanaged, IElement<T> => T.Widen(T.Narrow(value));
}
