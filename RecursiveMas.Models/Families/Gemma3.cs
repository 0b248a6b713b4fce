using System.Diagnostics.CodeAnalysis;
using RecursiveMas.Caching;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Layers;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Families;

/// <summary>Settings of the text part of Gemma 3.</summary>
internal sealed record Gemma3Configuration : DecoderConfiguration
{
    private const int DefaultPattern = 6;
    private const double DefaultTheta = 1e6, DefaultLocalTheta = 1e4, DefaultQueryScalar = 256;

    // The published files leave most fields out.
    private static readonly DecoderDefaults s_absent = new()
    {
        VocabularySize = 262208,
        MaxPositions = 131072,
        TiedHead = true,
        QueryHeads = 8,
        KeyValueHeads = 4,
        HeadSize = 256,
        NormEps = 1e-6,
    };

    [SetsRequiredMembers]
    public Gemma3Configuration(ConfigReader config)
        : base(config, s_absent)
    {
        config.Require(config.OptionalText("hidden_activation") is null or "gelu_pytorch_tanh", "hidden_activation", "gelu_pytorch_tanh");
        config.Require(!config.Bool("use_bidirectional_attention", false), "use_bidirectional_attention", "false");
        int window = config.Count("sliding_window", int.MaxValue);
        int pattern = config.Count("sliding_window_pattern", int.MaxValue, config.OptionalInt("_sliding_window_pattern") ?? DefaultPattern);
        bool[] sliding = LayerKinds.Read(config, LayerCount, LayerKinds.Sliding, layer => (layer + 1) % pattern != 0);
        Windows = new ValueList<int?>(sliding.Select(slides => slides ? window : (int?)null));
        (Rope, LocalRope) = Ropes(config, Attention.HeadSize);
        QueryScalar = config.Positive("query_pre_attn_scalar", DefaultQueryScalar);
        AttentionSoftCap = SoftCap(config, "attn_logit_softcapping");
        // The multimodal class of transformers has no such cap, whatever its configuration says.
        FinalSoftCap = ModelType == "gemma3_text" ? SoftCap(config, "final_logit_softcapping") : null;
    }

    /// <summary>Sliding window of each layer, itself included; null for a global layer.</summary>
    public ValueList<int?> Windows { get; init; }

    /// <summary>Rotation in global layers.</summary>
    public RopeSettings Rope { get; init; }

    /// <summary>Rotation in sliding layers.</summary>
    public RopeSettings LocalRope { get; init; }

    /// <summary>Scores are divided by the root of this, not of the head size.</summary>
    public double QueryScalar { get; init; }

    /// <summary>Scores s become cap · tanh(s / cap); null for none.</summary>
    public double? AttentionSoftCap { get; init; }

    /// <summary>The same for logits.</summary>
    public double? FinalSoftCap { get; init; }

    public override WeightShapes Weights()
    {
        var shapes = new WeightShapes();
        shapes.AddFrame(this);
        for (int i = 0; i < LayerCount; i++)
        {
            string at = $"layers.{i}";
            shapes.Add($"{at}.input_layernorm.weight", HiddenSize);
            shapes.AddAttention(at, this, norms: true);
            shapes.Add($"{at}.post_attention_layernorm.weight", HiddenSize);
            shapes.Add($"{at}.pre_feedforward_layernorm.weight", HiddenSize);
            shapes.AddMlp(at, this);
            shapes.Add($"{at}.post_feedforward_layernorm.weight", HiddenSize);
        }

        return shapes;
    }

    public override IReadOnlyList<LayerCacheShape> Caches() => [.. Windows.Select(window => new KeyValueCacheShape(Attention, window))];

    private static (RopeSettings Global, RopeSettings Local) Ropes(ConfigReader config, int channels)
    {
        if (config.OptionalObject("rope_parameters") is { } newer)
            return (Of(newer, LayerKinds.Full), Of(newer, LayerKinds.Sliding));
        return (
            RopeSettings.Scaled(config.OptionalObject("rope_scaling"), config.Positive("rope_theta", DefaultTheta), channels),
            RopeSettings.Scaled(null, config.Positive("rope_local_base_freq", DefaultLocalTheta), channels));

        RopeSettings Of(ConfigReader ropes, string kind)
        {
            ConfigReader rope = ropes.OptionalObject(kind) ?? throw ropes.Missing(kind);
            return RopeSettings.Scaled(rope, rope.Positive("rope_theta"), channels);
        }
    }

    private static double? SoftCap(ConfigReader config, string name)
    {
        double? cap = config.OptionalDouble(name);
        config.Require(cap is null or > 0, name, "null, a positive number");
        return cap;
    }
}

/// <summary>x += norm(Attn(norm(x))); x += norm(MLP(norm(x))): the second norm of each pair acts on the branch, before the sum.</summary>
internal sealed class Gemma3Layer(
    RmsNorm inputNorm,
    SoftmaxAttention attention,
    RmsNorm postAttentionNorm,
    RmsNorm preFeedForwardNorm,
    GatedMlp mlp,
    RmsNorm postFeedForwardNorm) : DecoderLayer
{
    public override Tensor Forward(Tensor x, ForwardContext context, LayerCache? cache)
    {
        Tensor attended = postAttentionNorm.Forward(attention.Forward(inputNorm.Forward(x), context, (KeyValueCache?)cache)).add_(x);
        return postFeedForwardNorm.Forward(mlp.Forward(preFeedForwardNorm.Forward(attended))).add_(attended);
    }

    public override void Dispose()
    {
        inputNorm.Dispose();
        attention.Dispose();
        postAttentionNorm.Dispose();
        preFeedForwardNorm.Dispose();
        mlp.Dispose();
        postFeedForwardNorm.Dispose();
    }
}

/// <summary>Gemma 3, text: zero-centred norms, scaled embeddings, sliding and global layers with rotations of their own. Checked against transformers 5.3.0.</summary>
internal static class Gemma3
{
    public static DecoderParts Build(Gemma3Configuration config, ModelBuilder builder)
    {
        var global = new RotaryEmbedding(config.Rope, builder.Plan.Device);
        var local = new RotaryEmbedding(config.LocalRope, builder.Plan.Device);
        // Rounded to the model's dtype before the product: 50.5 in bfloat16 where float32 has 50.5964.
        Tensor scale = tensor((float)Math.Sqrt(config.HiddenSize), builder.Plan.Dtype, builder.Plan.Device);
        var embedding = new TokenEmbedding(builder.Take(SharedParts.Embedding), scale);
        return new DecoderParts
        {
            Embedding = embedding,
            Layers = [.. config.Windows.Select((window, i) => BuildLayer(config, builder, $"layers.{i}", window, window is null ? global : local))],
            FinalNorm = builder.ZeroCentredNorm(SharedParts.FinalNorm, config.NormEps),
            Head = builder.Head(embedding),
            Shared = [global, local],
            Finish = config.FinalSoftCap is { } cap ? new SoftCap(cap, builder.Plan.Device) : null,
        };
    }

    private static Gemma3Layer BuildLayer(Gemma3Configuration config, ModelBuilder builder, string at, int? window, RotaryEmbedding rotary)
    {
        // The product itself divides by the root of the head size; the rest is folded into the norm of the queries.
        double queryScale = Math.Sqrt(config.Attention.HeadSize / config.QueryScalar);
        SoftCap? cap = config.AttentionSoftCap is { } value ? new SoftCap(value, builder.Plan.Device) : null;
        return new Gemma3Layer(
            Norm("input_layernorm"),
            builder.Attention(at, new AttentionShape(config.Attention, window, cap), rotary, Norm("self_attn.q_norm", queryScale), Norm("self_attn.k_norm")),
            Norm("post_attention_layernorm"),
            Norm("pre_feedforward_layernorm"),
            builder.Mlp(at, x => nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh, inplace: false)),
            Norm("post_feedforward_layernorm"));

        ZeroCentredRmsNorm Norm(string name, double factor = 1) => builder.ZeroCentredNorm($"{at}.{name}.weight", config.NormEps, factor);
    }
}
