using System.Text.Json.Nodes;
using RecursiveMas.Families;
using RecursiveMas.Layers;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Families;

/// <summary>What sets one family apart from the others, each on weights made so that only the right reading of them gives the result.</summary>
public sealed class FamilyTraitTests : IDisposable
{
    private const int Window = 8, Length = 30;
    private readonly Generator _random = new(13);

    public static TheoryData<string, string, string, bool> Windows => new()
    {
        { "mistral", "sliding_window", "8", true },
        { "mistral", "sliding_window", "null", false },
        { "gemma3_text", "layer_types", "[\"sliding_attention\"]", true },
        { "gemma3_text", "layer_types", "[\"full_attention\"]", false },
        { "qwen2", "sliding_window", "8", false },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void A_window_holds_exactly_so_many_positions_itself_included(string family, string name, string value, bool slides)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint =
            new TinyCheckpoint(TinyCheckpoint.ConfigOf(family, ("num_hidden_layers", 1), ("layer_types", null), (name, JsonNode.Parse(value))));
        using DecoderModel model = checkpoint.Load();
        Tensor x = Random(Length, 24), other = x.clone();
        const int Changed = 5;
        other[Changed].copy_(Random(24));
        int end = slides ? Changed + Window : Length;
        foreach ((string how, Func<Tensor, Tensor> read) in Readings(model))
        {
            bool[] differs = [.. read(x).ne(read(other)).any(dim: 1).data<bool>()];
            for (int t = 0; t < Length; t++)
                Assert.True(differs[t] == (t >= Changed && t < end), $"{how}: position {t} {(differs[t] ? "sees" : "does not see")} position {Changed}");
        }
    }

    [Fact]
    public void Qwen35_gates_each_head_with_the_half_that_follows_its_query()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        const int Heads = 4, KeyValueHeads = 2, Size = 16, Width = Heads * Size;
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf(
            "qwen3_5_text", ("num_hidden_layers", 1), ("hidden_size", Width), ("layer_types", new JsonArray("full_attention"))));
        Tensor projection = zeros(Heads, 2, Size, Width);
        // The gate of even heads is wide open, that of odd heads shut; queries are zero.
        for (int head = 0; head < Heads; head++)
            projection[head, 1].fill_(head % 2 == 0 ? 1 : -1);
        Set(checkpoint, "layers.0.self_attn.q_proj.weight", projection.view(2 * Width, Width));
        Set(checkpoint, "layers.0.self_attn.o_proj.weight", eye(Width));
        Set(checkpoint, "layers.0.mlp.down_proj.weight", zeros(Width, 40));
        Set(checkpoint, "layers.0.input_layernorm.weight", zeros(Width));
        using DecoderModel model = checkpoint.Load();
        Tensor x = ones(1, Width), added = zeros(1);
        model.Forward(x, [new ForwardRow((int)x.size(0), null)], (layer, state) =>
        {
            if (layer == 1)
                added = (state - x).reshape(Heads, Size).clone().MoveToOuterDisposeScope();
        });
        Tensor values = checkpoint.Weights["layers.0.self_attn.v_proj.weight"].matmul(ones(Width)).view(KeyValueHeads, Size);
        for (int head = 0; head < Heads; head++)
            TensorChecks.Close(head % 2 == 0 ? values[head / (Heads / KeyValueHeads)] : zeros(Size), added[head], 1e-5, $"head {head}");
    }

    [Fact]
    public void Key_heads_of_the_delta_rule_serve_consecutive_value_heads()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        var few = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen3_5_text", ("num_hidden_layers", 1)));
        var many = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen3_5_text", ("num_hidden_layers", 1), ("linear_num_key_heads", 4)));
        using (few)
        using (many)
        {
            foreach ((string name, Tensor weight) in few.Weights)
                Set(many, name, weight.clone());
            // The same queries and keys, written out for each value head.
            foreach (string name in new[] { "layers.0.linear_attn.in_proj_qkv.weight", "layers.0.linear_attn.conv1d.weight" })
            {
                Tensor weight = few.Weights[name];
                Tensor[] parts = weight.split([16L, 16, 32], 0);
                Tensor Repeated(Tensor part) => part.view(2, 8, -1).repeat_interleave(2, 0).reshape([32, .. part.shape[1..]]);
                Set(many, name, cat([Repeated(parts[0]), Repeated(parts[1]), parts[2]], 0));
            }

            using DecoderModel a = few.Load(), b = many.Load();
            Tensor x = Random(70, 24);
            TensorChecks.Close(a.Read(x), b.Read(x), 1e-5);
        }
    }

    [Theory]
    [InlineData(ModelDtype.BFloat16, 50.5)]
    [InlineData(ModelDtype.Float32, 50.596443)]
    public void Gemma_scales_looked_up_tokens_but_no_vectors(ModelDtype dtype, double factor)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(
            TinyCheckpoint.ConfigOf("gemma3_text", ("hidden_size", 2560), ("num_hidden_layers", 1), ("layer_types", new JsonArray("full_attention"))),
            ScalarType.BFloat16);
        using DecoderModel model = checkpoint.Load(new ModelLoadOptions { Dtype = dtype, Weights = WeightFormat.Plain });
        Tensor row = checkpoint.Weights["embed_tokens.weight"][7].to_type(model.Dtype);
        TensorChecks.Close((row.to_type(ScalarType.Float32) * factor).to_type(model.Dtype), model.Embed(tensor(new long[] { 7 }))[0], 1e-7);
        Tensor vector = Random(1, 2560).to_type(model.Dtype), first = zeros(1);
        model.Forward(vector, [new ForwardRow(1, null)], (layer, state) =>
        {
            if (layer == 0)
                first = state.clone().MoveToOuterDisposeScope();
        });
        TensorChecks.Close(vector, first, 0);
    }

    [Fact]
    public void Gemma_norms_branches_before_it_adds_them()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint =
            new TinyCheckpoint(TinyCheckpoint.ConfigOf("gemma3_text", ("num_hidden_layers", 1), ("layer_types", new JsonArray("full_attention"))));
        // A zero-centred weight of -1 wipes a branch out, so that the layer hands its input on.
        Set(checkpoint, "layers.0.post_attention_layernorm.weight", full(24, -1f));
        Set(checkpoint, "layers.0.post_feedforward_layernorm.weight", full(24, -1f));
        using DecoderModel model = checkpoint.Load();
        Tensor x = Random(9, 24);
        model.Forward(x, [new ForwardRow((int)x.size(0), null)], (layer, state) => TensorChecks.Close(x, state, 1e-6, $"state {layer}"));
    }

    [Fact]
    public void Gemma_caps_its_logits_as_configured()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        Tensor Logits(double? cap, Tensor x)
        {
            using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("gemma3_text", ("final_logit_softcapping", cap)));
            using DecoderModel model = checkpoint.Load();
            using ModelCache cache = model.CreateCache();
            return model.Logits(model.ReadInPieces(x, cache, 17, 3, 1));
        }

        Tensor x = Random(21, 24), plain = Logits(null, x);
        // So high that it changes nothing, then so low that it does.
        TensorChecks.Close(plain, Logits(1e6, x), 1e-4);
        TensorChecks.Close((plain / 0.5).tanh() * 0.5, Logits(0.5, x), 1e-5);
    }

    [Fact]
    public void The_multimodal_gemma_class_has_no_final_cap()
    {
        var text = (Gemma3Configuration)TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf("gemma3_text", ("final_logit_softcapping", 30)));
        var multimodal =
            (Gemma3Configuration)TinyCheckpoint.Parse(TinyCheckpoint.ConfigOf("gemma3_text", ("model_type", "gemma3"), ("final_logit_softcapping", 30)));
        Assert.Equal((30.0, null), (text.FinalSoftCap, multimodal.FinalSoftCap));
    }

    [Fact]
    public void States_that_leave_the_model_have_passed_the_final_norm()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("llama"));
        using DecoderModel model = checkpoint.Load();
        Tensor last = zeros(1);
        Tensor states = model.Forward(Random(6, 24), [new ForwardRow(6, null)], (layer, state) =>
        {
            if (layer == model.Configuration.LayerCount)
                last = state.clone().MoveToOuterDisposeScope();
        });
        using var norm = new PlainRmsNorm(checkpoint.Weights["norm.weight"].clone(), 1e-6);
        TensorChecks.Close(norm.Forward(last), states, 1e-6);
    }

    [Fact]
    public void Two_parameters_of_qwen35_are_rounded_with_the_model_unless_told_otherwise()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var official = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen3_5_text"), ScalarType.BFloat16);
        using var rounded = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen3_5_text"), ScalarType.BFloat16);
        foreach (string name in official.Weights.Keys
            .Where(name => name.EndsWith("A_log", StringComparison.Ordinal) || name.EndsWith("linear_attn.norm.weight", StringComparison.Ordinal))
            .ToArray())
        {
            Tensor precise = Random(official.Weights[name].shape);
            Set(official, name, precise);
            Set(rounded, name, precise.to_type(ScalarType.BFloat16));
        }

        Tensor x = Random(70, 24), asTransformers = Forward(official, new GatedDeltaRounding(), x);
        TensorChecks.Close(Forward(rounded, new GatedDeltaRounding(), x), asTransformers, 0);
        Assert.True(
            Forward(official, new GatedDeltaRounding { RoundParameters = false }, x).ne(asTransformers).any().ToBoolean(),
            "the switch changed nothing");
        // In float32 there is nothing to round.
        TensorChecks.Close(
            Forward(official, new GatedDeltaRounding(), x, ModelDtype.Float32),
            Forward(official, new GatedDeltaRounding { RoundParameters = false, NormalizeInModelDtype = false }, x, ModelDtype.Float32),
            0);
    }

    [Fact]
    public void Queries_and_keys_of_qwen35_are_normalised_before_or_after_widening()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode(true);
        using var checkpoint = new TinyCheckpoint(TinyCheckpoint.ConfigOf("qwen3_5_text"), ScalarType.BFloat16);
        Tensor x = Random(70, 24), exact = Forward(checkpoint, new GatedDeltaRounding(), x, ModelDtype.Float32);
        Tensor before = Forward(checkpoint, new GatedDeltaRounding(), x),
            after = Forward(checkpoint, new GatedDeltaRounding { NormalizeInModelDtype = false }, x);
        Assert.True(before.ne(after).any().ToBoolean(), "the switch changed nothing");
        Assert.All([before, after], narrow => Assert.True(TensorChecks.SmallestCosine(exact.reshape(1, -1), narrow.reshape(1, -1)) > 0.98));
    }

    public void Dispose() => _random.Dispose();

    private Tensor Random(params long[] shape) => randn(shape, generator: _random);

    /// <summary>The ways in which a model may read a row.</summary>
    private static IEnumerable<(string How, Func<Tensor, Tensor> Read)> Readings(DecoderModel model)
    {
        yield return ("at once", x => model.Read(x));
        foreach (int first in new[] { 1, 7, 20 })
        {
            foreach (int step in new[] { 1, 3, 12 })
                yield return ($"first {first}, then {step} at a time", x => InPieces(model, x, first, step));
        }
    }

    private static Tensor InPieces(DecoderModel model, Tensor x, int first, int step)
    {
        using ModelCache cache = model.CreateCache(first);
        return model.ReadInPieces(x, cache, Enumerable.Repeat(step, Length).Prepend(first));
    }

    private static Tensor Forward(TinyCheckpoint checkpoint, GatedDeltaRounding rounding, Tensor x, ModelDtype dtype = ModelDtype.BFloat16)
    {
        using DecoderModel model = checkpoint.Load(new ModelLoadOptions { Dtype = dtype, Weights = WeightFormat.Plain, DeltaRounding = rounding });
        return model.Read(x);
    }

    private static void Set(TinyCheckpoint checkpoint, string name, Tensor value)
    {
        checkpoint.Weights[name].Dispose();
        checkpoint.Weights[name] = value.DetachFromDisposeScope();
    }
}
