using System.Text.Json;
using RecursiveMas.Checkpoints;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Checkpoints;

[Collection(LiveTensors.Collection)]
public class WeightFilesTests
{
    [Theory]
    [InlineData("model.layers.0.mlp.up_proj.weight", "layers.0.mlp.up_proj.weight")]
    [InlineData("model.language_model.layers.1.input_layernorm.weight", "layers.1.input_layernorm.weight")]
    [InlineData("language_model.model.norm.weight", "norm.weight")]
    [InlineData("model.language_model.language_model.embed_tokens.weight", "embed_tokens.weight")]
    [InlineData("language_model.lm_head.weight", "lm_head.weight")]
    [InlineData("lm_head.weight", "lm_head.weight")]
    [InlineData("model_norm.weight", "model_norm.weight")]
    [InlineData("module.model.norm.weight", "norm.weight")]
    [InlineData("module.lm_head.weight", "lm_head.weight")]
    [InlineData("module.module.model.norm.weight", "norm.weight")]
    [InlineData("_orig_mod.model.norm.weight", "norm.weight")]
    [InlineData("_orig_mod.module.model.norm.weight", "norm.weight")]
    [InlineData("module._orig_mod.model.norm.weight", "norm.weight")]
    [InlineData("model._orig_mod.layers.0.mlp.up_proj.weight", "layers.0.mlp.up_proj.weight")]
    [InlineData("model.layers.0._orig_mod.mlp.up_proj.weight", "layers.0.mlp.up_proj.weight")]
    [InlineData("_fsdp_wrapped_module.model.layers.0._fsdp_wrapped_module._checkpoint_wrapped_module.mlp.up_proj.weight", "layers.0.mlp.up_proj.weight")]
    [InlineData("module.model.visual.blocks.0.norm1.weight", null)]
    [InlineData("module.mtp.norm.weight", null)]
    [InlineData("student.model.norm.weight", "student.model.norm.weight")]
    [InlineData("model.language_model.visual.blocks.0.norm1.weight", null)]
    [InlineData("visual.patch_embed.proj.weight", null)]
    [InlineData("model.vision_tower.encoder.layers.0.mlp.fc1.weight", null)]
    [InlineData("vision_tower.post_layernorm.bias", null)]
    [InlineData("model.multi_modal_projector.mm_soft_emb_norm.weight", null)]
    [InlineData("mtp.layers.0.mlp.up_proj.weight", null)]
    [InlineData("model.mtp.norm.weight", null)]
    [InlineData("model.layers.3.self_attn.rotary_emb.inv_freq", null)]
    [InlineData("model.rotary_emb.inv_freq", null)]
    public void NamesAreNormalised(string stored, string? expected) => Assert.Equal(expected, WeightNames.Normalize(stored));

    public static IEnumerable<TheoryDataRow<string>> Layouts() => Goldens.Subfolders("layouts");

    [Theory]
    [MemberData(nameof(Layouts))]
    public void EveryLayoutHoldsTheWeightsOfItsModel(string layout)
    {
        string path = Goldens.Folder("layouts", layout);
        using JsonDocument description = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "case.json")));
        string model = description.RootElement.GetProperty("same_outputs_as").GetString()!;
        string models = Goldens.Beside(Goldens.Folder("layouts"), "models");
        LiveTensors.Unchanged(() =>
        {
            using var scope = NewDisposeScope();
            using var stored = WeightFiles.Open(CheckpointFolder.FromDirectory(path));
            using var plain = WeightFiles.Open(CheckpointFolder.FromDirectory(Path.Combine(models, model)));
            var reader = new WeightReader(stored);
            foreach (StoredWeight weight in plain.Weights.Values)
            {
                // A layout may leave out, or add, a head that is tied to the embedding.
                if (weight.Name == "lm_head.weight" && !reader.Has(weight.Name))
                    continue;
                Assert.Equal(weight.File.Get(weight.Tensor.Name).bytes.ToArray(), reader.Take(weight.Name, [.. weight.Tensor.Shape]).bytes.ToArray());
            }

            reader.EnsureAllTaken("lm_head.weight");
        });
    }

    [Fact]
    public void ShardsAreOneModel()
    {
        using var temporary = new TemporaryFolder();
        Shard(temporary, "model-00001-of-00002.safetensors", ("model.norm.weight", 2), ("model.visual.x", 1));
        Shard(temporary, "model-00002-of-00002.safetensors", ("lm_head.weight", 3));
        Index(temporary, ("model.norm.weight", 1), ("lm_head.weight", 2), ("model.visual.x", 1));
        using var scope = NewDisposeScope();
        using var files = WeightFiles.Open(temporary.Folder);
        Assert.Equal(20L, Assert.Single(files.BytesByType).Value);
        Assert.Equal(ScalarType.Float32, Assert.Single(files.BytesByType).Key);
        var reader = new WeightReader(files);
        Assert.Equal([2f, 2f], reader.Take("norm.weight", 2).data<float>().ToArray());
        string left = Assert.Throws<CheckpointException>(() => reader.EnsureAllTaken()).Message;
        Assert.Contains("lm_head.weight", left, StringComparison.Ordinal);
        reader.EnsureAllTaken("lm_head.weight");
        Assert.Equal([3f, 3f, 3f], reader.Take("lm_head.weight", 3).data<float>().ToArray());
        reader.EnsureAllTaken();
    }

    [Fact]
    public void AllMissingShardsAreNamed()
    {
        using var temporary = new TemporaryFolder();
        Shard(temporary, "model-00002-of-00003.safetensors", ("b", 1));
        Index(temporary, ("a", 1), ("b", 2), ("c", 3));
        string message = Refusal(temporary);
        Assert.Contains("model-00001-of-00003.safetensors, model-00003-of-00003.safetensors", message, StringComparison.Ordinal);
    }

    [Fact]
    public void IndexAndShardsMustAgree()
    {
        using var temporary = new TemporaryFolder();
        Shard(temporary, "model-00001-of-00002.safetensors", ("a", 1));
        Shard(temporary, "model-00002-of-00002.safetensors", ("b", 1), ("c", 1));
        Index(temporary, ("a", 1), ("b", 2));
        Assert.Contains("'c'", Refusal(temporary), StringComparison.Ordinal);
        Index(temporary, ("a", 1), ("b", 1), ("c", 2));
        Assert.Contains("'b'", Refusal(temporary), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../model.safetensors"}}""")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""")]
    [InlineData("""{"weight_map":{"a":"..\\x"}}""")]
    [InlineData("""{"weight_map":{"a":""}}""")]
    [InlineData("""{"weight_map":{"a":7}}""")]
    [InlineData("""{"weight_map":{}}""")]
    [InlineData("""{"weight_map":[]}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("""{"weight_map":{"a":"x","a":"x"}}""")]
    public void BadIndexIsRefused(string index)
    {
        using var temporary = new TemporaryFolder();
        temporary.Write("model.safetensors.index.json", index);
        Refusal(temporary);
    }

    [Fact]
    public void FolderWithoutWeightsIsRefused()
    {
        using var temporary = new TemporaryFolder();
        Assert.Contains("model.safetensors", Refusal(temporary), StringComparison.Ordinal);
    }

    [Fact]
    public void TwoNamesForOneWeightAreRefused()
    {
        using var temporary = new TemporaryFolder();
        Shard(temporary, "model.safetensors", ("model.norm.weight", 1), ("model.language_model.norm.weight", 2));
        string message = Refusal(temporary);
        Assert.Contains("model.norm.weight", message, StringComparison.Ordinal);
        Assert.Contains("model.language_model.norm.weight", message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingAndMisshapenWeightsAreNamed()
    {
        using var temporary = new TemporaryFolder();
        Shard(temporary, "model.safetensors", ("model.norm.weight", 2));
        using var files = WeightFiles.Open(temporary.Folder);
        var reader = new WeightReader(files);
        Assert.False(reader.Has("embed_tokens.weight"));
        Assert.Contains(
            "embed_tokens.weight",
            Assert.Throws<CheckpointException>(() => reader.Take("embed_tokens.weight", 1)).Message,
            StringComparison.Ordinal);
        string message = Assert.Throws<CheckpointException>(() => reader.Take("norm.weight", 3, 4)).Message;
        foreach (string part in new[] { "model.safetensors", "model.norm.weight", "[2]", "[3, 4]" })
            Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => reader.EnsureAllTaken());
    }

    private static string Refusal(TemporaryFolder folder) =>
        Assert.Throws<CheckpointException>(() => WeightFiles.Open(folder.Folder).Dispose()).Message;

    // Every tensor has as many float32 entries as its number says, all of that value.
    private static void Shard(TemporaryFolder folder, string file, params (string Name, int Value)[] tensors)
    {
        var header = new SortedDictionary<string, object>(StringComparer.Ordinal);
        var data = new List<byte>();
        foreach ((string name, int value) in tensors)
        {
            int begin = data.Count;
            for (int i = 0; i < value; i++)
                data.AddRange(BitConverter.GetBytes((float)value));
            header.Add(name, new { dtype = "F32", shape = new[] { value }, data_offsets = new[] { begin, data.Count } });
        }

        folder.Write(file, SafetensorsTests.Image(JsonSerializer.Serialize(header), [.. data]));
    }

    private static void Index(TemporaryFolder folder, params (string Name, int Shard)[] map)
    {
        int shards = map.Max(entry => entry.Shard);
        folder.Write("model.safetensors.index.json", JsonSerializer.Serialize(new
        {
            metadata = new { total_size = 0 },
            weight_map = map.ToDictionary(entry => entry.Name, entry => $"model-{entry.Shard:D5}-of-{shards:D5}.safetensors"),
        }));
    }
}
