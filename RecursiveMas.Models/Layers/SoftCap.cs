using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>cap · tanh(x / cap).</summary>
internal sealed class SoftCap(double cap, Device device) : IDisposable
{
    private readonly Tensor _cap = tensor((float)cap, float32, device);

    public double Cap => cap;

    public Tensor Apply(Tensor x) => x.div(_cap).tanh_().mul(_cap);

    public void Dispose() => _cap.Dispose();
}
