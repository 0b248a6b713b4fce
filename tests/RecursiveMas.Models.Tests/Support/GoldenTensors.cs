using RecursiveMas.Checkpoints;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests;

/// <summary>The tensors of a golden safetensors file, on the device that tests compute on.</summary>
internal sealed class GoldenTensors(string path) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsFile.Open(CheckpointFolder.FromDirectory(Path.GetDirectoryName(path)!), Path.GetFileName(path));

    public Tensor this[string key] => _file.Get(key).OnTestDevice();

    public IEnumerable<string> Keys => _file.Tensors.Keys;

    public bool Has(string key) => _file.Tensors.ContainsKey(key);

    public void Dispose() => _file.Dispose();
}
