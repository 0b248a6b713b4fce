using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using RecursiveMas.Models.Tests.Checkpoints;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>Loading without copies, on a checkpoint of a gigabyte that takes no place on disk: a file of holes reads as zeros.</summary>
[Collection(LiveTensors.Collection)]
[Trait("Category", "Long")]
public sealed class ZeroCopyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_gigabyte_is_read_in_hardly_more_than_a_gigabyte()
    {
        JsonObject config = TinyCheckpoint.ConfigOf(
            "llama", ("dtype", "bfloat16"), ("hidden_size", 2048), ("intermediate_size", 8192), ("num_hidden_layers", 8), ("num_attention_heads", 16),
            ("num_key_value_heads", 8), ("vocab_size", 8192));
        long weights = Write(config);
        Assert.InRange(weights, 0.95e9, 1.2e9);
        var options = new ModelLoadOptions { Dtype = ModelDtype.Stored, Weights = WeightFormat.Plain };
        MemoryEstimate estimate = CausalLanguageModel.EstimateMemory(_folder.Folder, options, new MemoryWorkload { PromptLength = 2, LatentSteps = 1 });
        Assert.True(estimate.MappedWeights > 0.99 * weights, $"only {estimate.MappedWeights:N0} of {weights:N0} bytes stay mapped");
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        long before = NativeMemoryUse.Now();
        Tensor? states = null;
        long peak = NativeMemoryUse.Peak(() =>
        {
            using var model = CausalLanguageModel.Load(_folder.Folder, options);
            states = model.Read(model.Embed(tensor(new long[] { 1, 2 })));
        }) - before;
        Assert.Equal(0, states!.abs().max().ToDouble());
        Assert.True(peak < 0.05 * weights, $"{peak:N0} bytes were taken beside the mapped file");
    }

    public void Dispose() => _folder.Dispose();

    private long Write(JsonObject config)
    {
        _folder.Write("config.json", config.ToJsonString());
        var header = new JsonObject();
        long at = 0;
        foreach ((string name, long[] shape) in TinyCheckpoint.Parse(config).Weights().All)
        {
            long end = at + (shape.Aggregate(1L, (product, extent) => product * extent) * sizeof(short));
            header[TinyCheckpoint.TextOnly(name)] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = JsonSerializer.SerializeToNode(shape),
                ["data_offsets"] = new JsonArray(at, end),
            };
            at = end;
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header);
        int padded = (text.Length + 7) / 8 * 8;
        using FileStream file = File.Create(_folder.Path("model.safetensors"));
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, padded);
        file.Write(length);
        file.Write(text);
        file.Write(Enumerable.Repeat((byte)' ', padded - text.Length).ToArray());
        file.SetLength(sizeof(long) + padded + at);
        return at;
    }
}
