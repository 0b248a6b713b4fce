using System.Text.Json;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

/// <summary>A tensor in two shards, and weights in other forms than safetensors.</summary>
[Collection(LiveTensors.Collection)]
public class ShardCopyTests
{
    [Theory]
    [InlineData(1, 7f, 7f, 7f)]
    [InlineData(2, 7f, 7f, 7f)]
    [InlineData(2, 7f, 8f, 8f)]
    [InlineData(1, 7f, 8f, null)]
    [InlineData(1, 0f, float.NaN, null)]
    public void TheIndexDecidesWhereItAgreesWithWhatIsReadLast(int shard, float first, float second, float? read)
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Write(temporary, "model-00001-of-00002.safetensors", ("a", zeros(2)), ("norm.weight", full(3, first)));
        Write(temporary, "model-00002-of-00002.safetensors", ("b", zeros(2)), ("norm.weight", full(3, second)));
        Index(temporary, ("a", 1), ("b", 2), ("norm.weight", shard));
        if (read is null)
        {
            string message = Assert.Throws<CheckpointException>(() => WeightFiles.Open(temporary.Folder).Dispose()).Message;
            foreach (string part in new[]
            {
                "'norm.weight'", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json",
            })
                Assert.Contains(part, message, StringComparison.Ordinal);
            return;
        }

        using var files = WeightFiles.Open(temporary.Folder);
        Assert.Equal(3, files.Weights.Count);
        Assert.EndsWith($"model-0000{shard}-of-00002.safetensors", files.Weights["norm.weight"].File.Name, StringComparison.Ordinal);
        Assert.Equal([read.Value, read.Value, read.Value], new WeightReader(files).Take("norm.weight", 3).data<float>().ToArray());
        // Each counts once.
        Assert.Equal(7 * sizeof(float), files.BytesByType.Values.Sum());
    }

    [Fact]
    public void CopiesOfAnotherShapeOrTypeAreNotTheSame()
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Write(temporary, "model-00001-of-00002.safetensors", ("w", zeros(2, 3)));
        Write(temporary, "model-00002-of-00002.safetensors", ("b", zeros(1)), ("w", zeros(3, 2)));
        Index(temporary, ("w", 1), ("b", 2));
        Assert.Throws<CheckpointException>(() => WeightFiles.Open(temporary.Folder).Dispose());
        Write(temporary, "model-00002-of-00002.safetensors", ("b", zeros(1)), ("w", zeros(2, 3, ScalarType.Int32)));
        Assert.Throws<CheckpointException>(() => WeightFiles.Open(temporary.Folder).Dispose());
        Write(temporary, "model-00002-of-00002.safetensors", ("b", zeros(1)), ("w", zeros(2, 3)));
        WeightFiles.Open(temporary.Folder).Dispose();
    }

    [Theory]
    [InlineData("pytorch_model.bin", "CheckpointConverter.ToSafetensors")]
    [InlineData("pytorch_model-00001-of-00002.bin", "save_pretrained")]
    [InlineData("pytorch_model.bin.index.json", "save_pretrained")]
    [InlineData("consolidated.00.pth", "save_pretrained")]
    [InlineData("model.fp16.safetensors", "variant")]
    [InlineData("adapter_model.safetensors", "adapter")]
    [InlineData("model-q4.gguf", "llama.cpp")]
    [InlineData("tf_model.h5", "another framework")]
    public void WeightsInOtherFormsAreSaidByName(string file, string word)
    {
        using var temporary = new TemporaryFolder();
        temporary.Write(file, [1]);
        string message = Assert.Throws<UnsupportedCheckpointException>(() => WeightFiles.Open(temporary.Folder).Dispose()).Message;
        foreach (string part in new[] { file, word, "model.safetensors" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void LinksAreNoWeights()
    {
        using var temporary = new TemporaryFolder();
        temporary.Write("adapter.pt.safetensors", [1]);
        temporary.Write("adapter.pt", [1]);
        Assert.Contains(
            "Complete the download",
            Assert.Throws<CheckpointException>(() => WeightFiles.Open(temporary.Folder).Dispose()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void PickledWeightsAreReadOnceTheyAreConvertedAsTheMessageSays()
    {
        using var temporary = new TemporaryFolder();
        using var scope = NewDisposeScope();
        File.Copy(Goldens.Folder("pt", "inner_16_fp32.pt"), temporary.Path("pytorch_model.bin"));
        Assert.Throws<UnsupportedCheckpointException>(() => WeightFiles.Open(temporary.Folder).Dispose());
        CheckpointConverter.ToSafetensors(
            temporary.Path("pytorch_model.bin"),
            temporary.Path("model.safetensors"),
            cancellationToken: TestContext.Current.CancellationToken);
        using var files = WeightFiles.Open(temporary.Folder);
        foreach ((string name, Tensor tensor) in LinkFile.Read(CheckpointFolder.FromDirectory(Goldens.Folder("pt")), "inner_16_fp32.pt"))
            PtTests.Same(tensor, new WeightReader(files).Take(name, tensor.shape));
    }

    private static void Write(TemporaryFolder folder, string file, params (string Name, Tensor Tensor)[] tensors) =>
        SafetensorsWriter.Write(folder.Path(file), tensors.Select(entry => TensorSource.Of(entry.Name, entry.Tensor)));

    private static void Index(TemporaryFolder folder, params (string Name, int Shard)[] map) => folder.Write(
        "model.safetensors.index.json",
        JsonSerializer.Serialize(new { weight_map = map.ToDictionary(entry => entry.Name, entry => $"model-{entry.Shard:D5}-of-00002.safetensors") }));
}
