using RecursiveMas.Kernels;
using RecursiveMas.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>down( act(gate x) · up x ).</summary>
/// <param name="gateUp">gate_proj and up_proj, H → I each.</param>
/// <param name="down">down_proj, I → H.</param>
/// <param name="activation">The gate's activation.</param>
internal sealed class GatedMlp(LinearGroup gateUp, Linear down, Activation activation) : IDisposable
{
    /// <summary>[N, H] to [N, H].</summary>
    public Tensor Forward(Tensor x, ForwardContext context)
    {
        if (context.UseKernels)
            return down.Forward(x.dtype == ScalarType.Float32 ? Gated<Float32Element>(x, context.Positions) : Gated<BFloat16Element>(x, context.Positions));
        Tensor[] parts = gateUp.Forward(x); // 2 × [N, I]
        return down.Forward(Activated(parts[0]).mul_(parts[1]));
    }

    /// <summary>The same for a managed step; null where the weights are laid out otherwise.</summary>
    public StepMlp? ForStep() => gateUp.Rows is { } rows && down is RowsLinear last ? new StepMlp(rows, last.Stack, activation) : null;

    public void Dispose()
    {
        gateUp.Dispose();
        down.Dispose();
    }

    private Tensor Activated(Tensor gate) => activation switch
    {
        Activation.Silu => nn.functional.silu(gate),
        _ => nn.functional.gelu(gate, TorchSharp.Modules.GELU.Approximate.tanh, inplace: false),
    };

    private unsafe Tensor Gated<T>(Tensor x, int rows)
        where T : unmanaged, IElement<T>
    {
        Tensor[] parts = gateUp.IsJoined ? [gateUp.ForwardJoined(x)] : gateUp.Forward(x); // [N, 2 · I], or 2 × [N, I]
        int made = (int)parts[0].size(1), width = gateUp.IsJoined ? made / 2 : made;
        Tensor gated = empty([rows, width], x.dtype);
        T* gate = (T*)TensorMemory.Address(parts[0]), up = gateUp.IsJoined ? gate + width : (T*)TensorMemory.Address(parts[1]);
        RowKernels.Gated(gate, up, (T*)TensorMemory.Address(gated), rows, width, made, activation);
        GC.KeepAlive(parts);
        return gated;
    }
}
