using RecursiveMas.Checkpoints;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Weights;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

[Collection(LiveTensors.Collection)]
public class SafetensorsWriterTests
{
    [Fact]
    public void WhatIsWrittenIsRead()
    {
        LiveTensors.Unchanged(() =>
        {
            using var temporary = new TemporaryFolder();
            using var scope = NewDisposeScope();
            var tensors = new Dictionary<string, Tensor>
            {
                ["bool"] = tensor(new[] { true, false, true }),
                ["byte"] = arange(7, ScalarType.Byte),
                ["long"] = arange(6, ScalarType.Int64).reshape(2, 3),
                ["transposed"] = arange(6, ScalarType.Float32).reshape(2, 3).t(),
                ["half"] = ones(3, ScalarType.Float16),
                ["bf16"] = ones([2, 2], ScalarType.BFloat16),
                ["scalar"] = tensor(1.5),
                ["empty"] = zeros([3, 0], ScalarType.Float32),
                ["complex"] = ones(2, ScalarType.ComplexFloat32),
                ["ü \"quoted\" / ../.."] = ones(1, ScalarType.Int8).requires_grad_(false),
            };
            var metadata = new Dictionary<string, string> { ["b"] = "2\n", ["a"] = "1 ü" };
            Write(temporary.Path("a.safetensors"), tensors, metadata);
            using var file = SafetensorsFile.Open(temporary.Folder, "a.safetensors");
            Assert.Equal(metadata.OrderBy(pair => pair.Key), file.Metadata.OrderBy(pair => pair.Key));
            Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
            Assert.All(tensors, entry => PtTests.Same(entry.Value, file.Get(entry.Key)));
            Assert.All(file.Tensors.Values, tensor => Assert.Equal(0, tensor.Begin % SafetensorsTypes.Known[tensor.TypeName].Bytes));
            Assert.Equal(0, file.Tensors.Values.Min(tensor => tensor.Begin) % 8);
        });
    }

    [Fact]
    public void AnOlderFileIsReplacedAndUnsupportedTypesAreRefused()
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Write(temporary.Path("a.safetensors"), new() { ["x"] = ones(1) });
        Write(temporary.Path("a.safetensors"), new() { ["y"] = ones(2) });
        using (var file = SafetensorsFile.Open(temporary.Folder, "a.safetensors"))
            Assert.Equal(["y"], file.Tensors.Keys);
        Assert.Throws<UnsupportedCheckpointException>(() => Write(temporary.Path("b.safetensors"), new() { ["x"] = ones(1, ScalarType.ComplexFloat64) }));
        Assert.Equal(["a.safetensors"], temporary.Folder.Files);
    }

    private static void Write(string path, Dictionary<string, Tensor> tensors, Dictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(path, tensors.Select(entry => TensorSource.Of(entry.Key, entry.Value)), metadata, TestContext.Current.CancellationToken);
}
