using RecursiveMas.Families;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>The same weights under every name, beside what may be ignored; whatever else is missing, left over or of another shape is an error.</summary>
public class WeightLayoutTests
{
    public static TheoryData<string, string> Prefixes => new()
    {
        { "", "" },
        { "model.", "" },
        { "model.language_model.", "" },
        { "language_model.model.", "language_model." },
        { "model.language_model.language_model.", "" },
        { "model.language_model.language_model.language_model.", "model." },
        { "module.model.", "module." },
        { "_orig_mod.model.", "_orig_mod." },
        { "_orig_mod.module.model.language_model.", "_orig_mod.module." },
        { "model._fsdp_wrapped_module.", "" },
    };

    [Theory]
    [MemberData(nameof(Prefixes))]
    public void Every_prefix_is_read_alike(string body, string head)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen3_5_text", ("tie_word_embeddings", false)));
        Tensor x = randn(9, 24);
        using DecoderModel plain = checkpoint.Load();
        using DecoderModel other = checkpoint.Load(rename: name => (name.StartsWith("lm_head", StringComparison.Ordinal) ? head : body) + name);
        TensorChecks.Close(plain.Logits(plain.Read(x)), other.Logits(other.Read(x)), 0);
    }

    [Theory]
    [InlineData("visual.blocks.0.norm1.weight")]
    [InlineData("model.visual.patch_embed.proj.weight")]
    [InlineData("vision_tower.vision_model.embeddings.patch_embedding.bias")]
    [InlineData("model.vision_tower.encoder.layers.0.layer_norm1.bias")]
    [InlineData("multi_modal_projector.mm_soft_emb_norm.weight")]
    [InlineData("model.multi_modal_projector.mm_input_projection_weight")]
    [InlineData("mtp.layers.0.self_attn.q_proj.weight")]
    [InlineData("mtp.norm.weight")]
    [InlineData("mtp.fc.weight")]
    [InlineData("mtp.pre_fc_norm_embedding.weight")]
    [InlineData("model.layers.0.self_attn.rotary_emb.inv_freq")]
    [InlineData("model.rotary_emb.inv_freq")]
    public void Parts_that_a_text_model_lacks_are_ignored_by_name(string name)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen3_5_text"));
        checkpoint.Weights.Add(name, ones(3, 5));
        checkpoint.Load(rename: weight => weight == name ? name : TinyCheckpoint.TextOnly(weight)).Dispose();
    }

    [Theory]
    [InlineData("model.layers.9.input_layernorm.weight")]
    [InlineData("model.layers.0.self_attn.q_norm.weight")]
    [InlineData("model.layers.0.self_attn.q_proj.bias")]
    [InlineData("model.audio_tower.weight")]
    public void Anything_else_left_over_is_an_error(string name)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        checkpoint.Weights.Add(name, ones(3));
        CheckpointException error =
            Assert.Throws<CheckpointException>(() => checkpoint.Load(rename: weight => weight == name ? name : TinyCheckpoint.TextOnly(weight)));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_missing_weight_is_named(string family)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family));
        foreach (string name in checkpoint.Weights.Keys.Where(name => !name.StartsWith("lm_head", StringComparison.Ordinal)).ToArray())
        {
            checkpoint.Weights.Remove(name, out Tensor? weight);
            Assert.Contains(name, Assert.Throws<CheckpointException>(() => checkpoint.Load()).Message, StringComparison.Ordinal);
            checkpoint.Weights.Add(name, weight!);
        }
    }

    public static IEnumerable<object[]> Families => TinyConfigs.Families.Select(family => new object[] { family });

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_wrong_shape_is_named(string family)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(family));
        foreach (string name in checkpoint.Weights.Keys.ToArray())
        {
            Tensor right = checkpoint.Weights[name];
            using Tensor wrong = right.dim() > 1 ? right.transpose(0, -1).contiguous().unsqueeze(0) : cat([right, right]);
            checkpoint.Weights[name] = wrong;
            CheckpointException error = Assert.Throws<CheckpointException>(() => checkpoint.Load());
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
            Assert.Contains("shape", error.Message, StringComparison.Ordinal);
            checkpoint.Weights[name] = right;
        }
    }

    [Fact]
    public void Two_names_of_one_weight_are_an_error()
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        checkpoint.Weights.Add("language_model.model.norm.weight", ones(24));
        CheckpointException error = Assert.Throws<CheckpointException>(
            () => checkpoint.Load(rename: name => name.StartsWith("language_model.", StringComparison.Ordinal) ? name : TinyCheckpoint.TextOnly(name)));
        Assert.Contains("norm.weight", error.Message, StringComparison.Ordinal);
    }

    // What the configuration says, and what is stored: a head of other values, one that equals the embedding, none; or a head alone.
    [Theory]
    [InlineData(false, "other", false)]
    [InlineData(true, "other", false)]
    [InlineData(false, "equal", true)]
    [InlineData(true, "equal", true)]
    [InlineData(true, "none", true)]
    [InlineData(true, "alone", true)]
    public void The_head_is_the_embedding_where_the_weights_say_so(bool flag, string stored, bool shared)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen2", ("tie_word_embeddings", flag)));
        Tensor embedding = checkpoint.Weights["embed_tokens.weight"], head = stored == "other" ? randn(50, 24) : embedding;
        checkpoint.Weights.Remove("lm_head.weight", out Tensor? previous);
        previous?.Dispose();
        if (stored != "none")
            checkpoint.Weights.Add("lm_head.weight", head.clone().DetachFromDisposeScope());
        if (stored == "alone")
            checkpoint.Weights.Remove("embed_tokens.weight");
        foreach (bool optimized in new[] { false, true })
        {
            var options = new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = optimized ? WeightFormat.Auto : WeightFormat.Plain };
            using DecoderModel model = checkpoint.Load(options);
            Assert.Equal(shared, model.Configuration.TiedHead);
            Tensor hidden = randn(3, 24), ids = arange(7, ScalarType.Int64);
            TensorChecks.Close(nn.functional.linear(hidden, head), model.Logits(hidden), 1e-5);
            TensorChecks.Close(embedding.narrow(0, 0, 7), model.Embed(ids), 0);
            // A head that is shared is no second matrix.
            MemoryEstimate estimate = CausalLanguageModel.EstimateMemory(checkpoint.Folder, options with { Weights = WeightFormat.Plain });
            long others = checkpoint.Weights
                .Where(weight => weight.Key != "lm_head.weight" && weight.Key != "embed_tokens.weight")
                .Sum(weight => weight.Value.numel());
            Assert.Equal((others + ((shared ? 1 : 2) * embedding.numel())) * sizeof(float), estimate.MappedWeights + estimate.PrivateWeights);
        }

        if (stored == "alone")
            embedding.Dispose();
    }

    [Fact]
    public void A_head_that_differs_in_one_value_is_used()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        Tensor head = checkpoint.Weights["embed_tokens.weight"].clone().DetachFromDisposeScope();
        head[49, 23] += 1;
        checkpoint.Weights.Add("lm_head.weight", head);
        using DecoderModel model = checkpoint.Load();
        Assert.False(model.Configuration.TiedHead);
        Tensor hidden = randn(1, 3, 24);
        TensorChecks.Close(nn.functional.linear(hidden, head), model.Logits(hidden), 1e-5);
    }

    [Fact]
    public void A_head_of_another_element_type_is_one_of_its_own()
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        checkpoint.Weights.Add("lm_head.weight", checkpoint.Weights["embed_tokens.weight"].to_type(ScalarType.BFloat16));
        using DecoderModel model = checkpoint.Load();
        Assert.False(model.Configuration.TiedHead);
    }

    [Fact]
    public void A_missing_head_is_an_error_unless_the_embedding_stands_in_for_it()
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen2", ("tie_word_embeddings", false)));
        checkpoint.Weights.Remove("lm_head.weight", out Tensor? head);
        head!.Dispose();
        CheckpointException error = Assert.Throws<CheckpointException>(() => checkpoint.Load());
        Assert.Contains("lm_head.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("tie_word_embeddings", error.Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => CausalLanguageModel.EstimateMemory(checkpoint.Folder));
    }

    [Theory]
    [InlineData("student.model.", "'student.model.'")]
    [InlineData("base_model.model.model.", "'base_model.model.model.'")]
    public void An_unknown_prefix_is_named(string prefix, string named)
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        CheckpointException error = Assert.Throws<CheckpointException>(() => checkpoint.Load(rename: name => prefix + name));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_that_was_not_merged_is_named()
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        const string Name = "layers.0.self_attn.q_proj";
        checkpoint.Weights.Remove($"{Name}.weight", out Tensor? weight);
        checkpoint.Weights.Add($"{Name}.base_layer.weight", weight!);
        checkpoint.Weights.Add($"{Name}.lora_A.default.weight", ones(2, 24));
        Assert.Contains("adapter", Assert.Throws<CheckpointException>(() => checkpoint.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_several_types_become_one()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        ScalarType[] types = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];
        int next = 0;
        foreach (string name in checkpoint.Weights.Keys.ToArray())
        {
            // Values that all three types hold exactly.
            Tensor exact = checkpoint.Weights[name]
                .to_type(ScalarType.BFloat16)
                .to_type(ScalarType.Float16)
                .to_type(ScalarType.BFloat16)
                .to_type(ScalarType.Float32);
            checkpoint.Weights[name].Dispose();
            checkpoint.Weights[name] = exact.DetachFromDisposeScope();
        }

        Tensor x = randn(9, 24);
        using DecoderModel one = checkpoint.Load();
        foreach (string name in checkpoint.Weights.Keys.ToArray())
        {
            Tensor narrow = checkpoint.Weights[name].to_type(types[next++ % types.Length]);
            checkpoint.Weights[name].Dispose();
            checkpoint.Weights[name] = narrow.DetachFromDisposeScope();
        }

        using DecoderModel mixed = checkpoint.Load();
        Assert.Equal(ScalarType.Float32, mixed.Dtype);
        TensorChecks.Close(one.Read(x), mixed.Read(x), 1e-3);
    }

    [Fact]
    public void A_format_that_is_not_possible_is_refused()
    {
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        foreach (ModelLoadOptions options in new[]
        {
            new ModelLoadOptions { Weights = WeightFormat.Int8, ManagedKernels = false },
            new ModelLoadOptions { Weights = WeightFormat.Int8, Dtype = ModelDtype.BFloat16 },
        })
            Assert.Contains("Int8", Assert.Throws<InvalidOptionException>(() => checkpoint.Load(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, ScalarType.BFloat16)]
    [InlineData("float16", ScalarType.Float16)]
    [InlineData("float32", ScalarType.Float32)]
    public void The_stored_type_is_the_configured_one_else_that_of_most_weights(string? configured, ScalarType expected)
    {
        foreach (string field in new[] { "dtype", "torch_dtype" })
        {
            using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama", (field, configured)), ScalarType.BFloat16);
            Tensor norm = checkpoint.Weights["norm.weight"];
            checkpoint.Weights["norm.weight"] = norm.to_type(ScalarType.Float32);
            norm.Dispose();
            using DecoderModel model = checkpoint.Load(new ModelLoadOptions { Dtype = ModelDtype.Stored, Weights = WeightFormat.Plain });
            Assert.Equal(expected, model.Dtype);
        }
    }
}
