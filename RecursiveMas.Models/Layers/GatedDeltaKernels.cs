using RecursiveMas.Caching;
using RecursiveMas.Configuration;
using RecursiveMas.Kernels;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Convolution and delta rule of rows with a cache and few new positions, on a CPU.</summary>
internal sealed class GatedDeltaKernels(GatedDeltaSizes sizes, GatedDeltaWeights weights, bool normInModelDtype, float normEps)
{
    /// <summary>Reads the new positions of rows.</summary>
    /// <param name="inputs">The projections of all rows, [N, channels + values + 2 · heads].</param>
    /// <param name="rows">The rows.</param>
    /// <param name="layer">Number of the layer.</param>
    /// <param name="mixed">Where the outputs go, [N, values].</param>
    public void Forward(Tensor inputs, ReadOnlySpan<RowSpan> rows, int layer, Tensor mixed)
    {
        if (inputs.dtype == ScalarType.Float32)
            Forward<Float32Element>(inputs, rows, layer, mixed);
        else
            Forward<BFloat16Element>(inputs, rows, layer, mixed);
    }

    private unsafe void Forward<T>(Tensor inputs, ReadOnlySpan<RowSpan> rows, int layer, Tensor mixed)
        where T : unmanaged, IElement<T>
    {
        var task = new DeltaTask
        {
            KeyHeads = sizes.KeyHeads,
            ValueHeads = sizes.ValueHeads,
            KeySize = sizes.KeySize,
            ValueSize = sizes.ValueSize,
            Kernel = sizes.Kernel,
            NormInModelDtype = normInModelDtype,
            NormEps = normEps,
            QueryScale = (float)(1 / Math.Sqrt(sizes.KeySize)),
            Taps = (float*)TensorMemory.Address(weights.Convolution.Taps),
            Rate = (float*)TensorMemory.Address(weights.Rate),
            StepBias = (float*)TensorMemory.Address(weights.StepBias),
        };
        T* from = (T*)TensorMemory.Address(inputs), to = (T*)TensorMemory.Address(mixed);
        var work = new DeltaRow[rows.Length];
        for (int i = 0; i < work.Length; i++)
        {
            (SharedTensor columns, SharedTensor state) = ((GatedDeltaCache)rows[i].Cache!.Layers[layer]).Write(rows[i].Length);
            work[i] = new DeltaRow
            {
                Inputs = from + ((nint)rows[i].Start * task.Width),
                Length = rows[i].Length,
                Columns = (void*)columns.Address,
                State = (float*)state.Address,
                Output = to + ((nint)rows[i].Start * task.Values),
            };
        }

        GatedDeltaKernel.Run<T>(work, work.Length, task);
        GC.KeepAlive(inputs);
    }
}
