using RecursiveMas.Checkpoints;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Conformance;

/// <summary>The tensors of a golden safetensors file, on the device that tests compute on.</summary>
internal sealed class TensorFile(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(CheckpointFolder.FromDirectory(Path.GetDirectoryName(path)!), Path.GetFileName(path));

    public Tensor this[string key] => _file.Get(key).OnTestDevice();

    public void Dispose() => _file.Dispose();
}
