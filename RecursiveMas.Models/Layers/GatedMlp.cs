using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>down( act(gate x) · up x ).</summary>
/// <param name="gateUp">gate_proj and up_proj, H → I each.</param>
/// <param name="down">down_proj, I → H.</param>
/// <param name="activation">The gate's activation.</param>
internal sealed class GatedMlp(LinearGroup gateUp, Linear down, Func<Tensor, Tensor> activation) : IDisposable
{
    /// <summary>[N, H] to [N, H].</summary>
    public Tensor Forward(Tensor x)
    {
        Tensor[] parts = gateUp.Forward(x); // 2 × [N, I]
        return down.Forward(activation(parts[0]).mul_(parts[1]));
    }

    public void Dispose()
    {
        gateUp.Dispose();
        down.Dispose();
    }
}
