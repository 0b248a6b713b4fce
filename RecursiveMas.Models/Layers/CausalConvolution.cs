using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Depthwise convolution over time, each channel with a kernel of its own, of the present and earlier inputs; then SiLU.</summary>
internal sealed class CausalConvolution : IDisposable
{
    private readonly Tensor _taps;
    private readonly int _kernel;

    /// <param name="weight">[C, 1, kernel], float32; the last tap is for the present input. Taken over.</param>
    public CausalConvolution(Tensor weight)
    {
        _kernel = (int)weight.size(2);
        using (weight)
        using (var scope = NewDisposeScope())
            _taps = weight.squeeze(1).t().contiguous().MoveToOuterDisposeScope(); // [kernel, C]
    }

    /// <summary>[kernel, C], float32, the last for the present input.</summary>
    public Tensor Taps => _taps;

    /// <summary>Convolves.</summary>
    /// <param name="inputs">[B, T, C].</param>
    /// <param name="before">[B, kernel − 1, C], the inputs before these; null for zeros.</param>
    /// <returns>[B, T, C], and the inputs that a later call needs as <paramref name="before"/>, a tensor of its own.</returns>
    public (Tensor Output, Tensor Columns) Forward(Tensor inputs, Tensor? before)
    {
        long rows = inputs.size(0), steps = inputs.size(1);
        before ??= zeros([rows, _kernel - 1, inputs.size(2)], inputs.dtype, inputs.device);
        Tensor window = cat([before, inputs], 1); // [B, kernel − 1 + T, C]
        Tensor wide = window.to_type(ScalarType.Float32);
        Tensor sum = wide.narrow(1, 0, steps) * _taps[0];
        for (int tap = 1; tap < _kernel; tap++)
            sum = sum.addcmul_(wide.narrow(1, tap, steps), _taps[tap], HeldNumbers.One);
        // The sum is rounded before the activation, as the reference's plain path does.
        return (nn.functional.silu(sum.to_type(inputs.dtype)), window.narrow(1, steps, _kernel - 1).clone());
    }

    public void Dispose() => _taps.Dispose();
}
