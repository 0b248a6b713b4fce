using System.Diagnostics.CodeAnalysis;
using RecursiveMas.Caching;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Kernels;
using RecursiveMas.Layers;
using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Settings of the text part of Qwen3.5.</summary>
internal sealed record Qwen35Configuration : DecoderConfiguration
{
    private const int DefaultInterval = 4, MostHeads = 1 << 12, MostChannels = 1 << 12, MostTaps = 64;
    private const double DefaultRotated = 0.25;

    private static readonly FamilyDefaults s_defaults = new()
    {
        VocabularySize = 248320,
        HiddenSize = 4096,
        IntermediateSize = 12288,
        LayerCount = 32,
        QueryHeads = 16,
        KeyValueHeads = 4,
        HeadSize = 256,
        MaxPositions = 32768,
    };

    private static readonly GatedDeltaSizes s_deltaDefaults = new(KeyHeads: 16, ValueHeads: 32, KeySize: 128, ValueSize: 128, Kernel: 4);

    [SetsRequiredMembers]
    public Qwen35Configuration(ConfigReader config)
        : base(config, s_defaults)
    {
        config.Require(config.Text("hidden_act", "silu") is "silu" or "swish", "hidden_act", "silu");
        config.Require(config.OptionalText("output_gate_type") is null or "silu" or "swish", "output_gate_type", "null, silu, swish");
        config.Require(config.Bool("attn_output_gate", true), "attn_output_gate", "true");
        config.Require(config.OptionalText("mamba_ssm_dtype") is null or "float32", "mamba_ssm_dtype", "float32");
        int interval = config.Count("full_attention_interval", int.MaxValue, DefaultInterval);
        LinearLayers = new ValueList<bool>(LayerKinds.Read(config, LayerCount, LayerKinds.Linear, layer => (layer + 1) % interval != 0));
        Delta = new GatedDeltaSizes(
            config.Count("linear_num_key_heads", MostHeads, s_deltaDefaults.KeyHeads),
            config.Count("linear_num_value_heads", MostHeads, s_deltaDefaults.ValueHeads),
            config.Count("linear_key_head_dim", MostChannels, s_deltaDefaults.KeySize),
            config.Count("linear_value_head_dim", MostChannels, s_deltaDefaults.ValueSize),
            config.Count("linear_conv_kernel_dim", MostTaps, s_deltaDefaults.Kernel));
        config.Require(Delta.ValueHeads % Delta.KeyHeads == 0, "linear_num_value_heads", $"a multiple of {Delta.KeyHeads}");
        // Text has the same position on all three axes, where the interleaved multimodal rotation is the plain one.
        Rope = RopeReader.ReadOne(config, Attention.HeadSize, DefaultRotated);
    }

    /// <summary>For each layer whether its mixer is the gated delta rule rather than softmax attention.</summary>
    public ValueList<bool> LinearLayers { get; init; }

    public GatedDeltaSizes Delta { get; init; }

    public RopeSettings Rope { get; init; }

    public override DecoderParts Build(ModelBuilder builder) => Qwen35.Build(this, builder);

    public override IReadOnlyList<LayerCacheShape> Caches() =>
        [.. LinearLayers.Select(linear => linear ? (LayerCacheShape)new GatedDeltaCacheShape(Delta) : new KeyValueCacheShape(Attention, null))];
}

/// <summary>x += Mix(norm(x)); x += MLP(norm(x)), with softmax attention or the gated delta rule as Mix.</summary>
internal sealed class Qwen35Layer(
    RmsNorm inputNorm,
    SoftmaxAttention? attention,
    GatedDeltaAttention? delta,
    RmsNorm postAttentionNorm,
    GatedMlp mlp) : DecoderLayer
{
    public override Tensor Forward(Tensor x, ForwardContext context, int layer)
    {
        Tensor normed = inputNorm.Forward(x, context);
        Tensor mixed = (attention?.Forward(normed, context, layer) ?? delta!.Forward(normed, context, layer)).PlusInPlace(x);
        return mlp.Forward(postAttentionNorm.Forward(mixed, context), context).PlusInPlace(mixed);
    }

    public override StepLayer? ForStep() => StepLayer.Of(inputNorm, attention, null, postAttentionNorm, mlp, null);

    public override void Dispose()
    {
        inputNorm.Dispose();
        attention?.Dispose();
        delta?.Dispose();
        postAttentionNorm.Dispose();
        mlp.Dispose();
    }
}

/// <summary>Qwen3.5, text: gated delta layers with gated softmax attention between them. Checked against transformers 5.3.0, plain path.</summary>
internal static class Qwen35
{
    public static DecoderParts Build(Qwen35Configuration config, ModelBuilder builder)
    {
        var rotary = new RotaryEmbedding(config.Rope, builder.Plan.Device);
        WeightScope root = builder.Root;
        TokenEmbedding embedding = root.Embedding(config);
        return new DecoderParts
        {
            Embedding = embedding,
            Head = root.Head(config, embedding),
            Layers = [.. config.LinearLayers.Select((linear, i) => BuildLayer(config, root.At($"layers.{i}"), linear, rotary))],
            FinalNorm = root.ZeroCentredNorm(SharedParts.FinalNorm, config.HiddenSize, config.NormEps),
            Shared = [rotary],
        };
    }

    private static Qwen35Layer BuildLayer(Qwen35Configuration config, WeightScope at, bool linear, RotaryEmbedding rotary) => new(
        at.ZeroCentredNorm("input_layernorm", config.HiddenSize, config.NormEps),
        linear ? null : at.Attention(
            config,
            new AttentionShape(config.Attention, Gated: true),
            rotary,
            (own, name) => own.ZeroCentredNorm(name, config.Attention.HeadSize, config.NormEps)),
        linear ? Delta(config, at.At("linear_attn")) : null,
        at.ZeroCentredNorm("post_attention_layernorm", config.HiddenSize, config.NormEps),
        at.Mlp(config, Activation.Silu));

    private static GatedDeltaAttention Delta(Qwen35Configuration config, WeightScope at)
    {
        (GatedDeltaSizes sizes, GatedDeltaRounding rounding) = (config.Delta, at.Plan.DeltaRounding);
        // Official files hold these two in float32; transformers rounds them with the rest of the model.
        ScalarType precise = rounding.RoundParameters ? at.Plan.Dtype : float32;
        using Tensor logRate = at.Take("A_log", precise, sizes.ValueHeads);
        return new GatedDeltaAttention(
            sizes,
            new GatedDeltaWeights
            {
                Inputs = at.Linears(
                    config.HiddenSize,
                    bias: false,
                    ("in_proj_qkv", sizes.Channels),
                    ("in_proj_z", sizes.Values),
                    ("in_proj_b", sizes.ValueHeads),
                    ("in_proj_a", sizes.ValueHeads)),
                Convolution = new CausalConvolution(at.TakeWide("conv1d.weight", sizes.Channels, 1, sizes.Kernel)),
                Rate = logRate.to(float32, copy: true).exp_().neg_(),
                StepBias = at.TakeWide("dt_bias", sizes.ValueHeads),
                Norm = new GatedRmsNorm(new PlainRmsNorm(at.Take("norm.weight", precise, sizes.ValueSize), config.NormEps)),
                Output = at.Linear("out_proj", sizes.Values, config.HiddenSize),
            },
            rounding.NormalizeInModelDtype);
    }
}
