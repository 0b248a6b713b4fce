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

/// <summary>Settings of the text part of Gemma 3.</summary>
internal sealed record Gemma3Configuration : DecoderConfiguration
{
    private const int DefaultPattern = 6, DefaultWindow = 4096;
    private const double DefaultTheta = 1e6, DefaultLocalTheta = 1e4, DefaultQueryScalar = 256;
    private const string Activation = "gelu_pytorch_tanh";

    private static readonly FamilyDefaults s_defaults = new()
    {
        VocabularySize = 262208,
        HiddenSize = 2304,
        IntermediateSize = 9216,
        LayerCount = 26,
        QueryHeads = 8,
        KeyValueHeads = 4,
        HeadSize = 256,
        MaxPositions = 131072,
        TiedHead = true,
    };

    [SetsRequiredMembers]
    public Gemma3Configuration(ConfigReader config)
        : base(config, s_defaults)
    {
        config.Require(config.Text("hidden_activation", Activation) == Activation, "hidden_activation", Activation);
        config.Require(config.OptionalBool("use_bidirectional_attention") != true, "use_bidirectional_attention", "false");
        int window = config.Count("sliding_window", int.MaxValue, DefaultWindow);
        int pattern = config.Count("sliding_window_pattern", int.MaxValue, config.OptionalInt("_sliding_window_pattern") ?? DefaultPattern);
        bool[] sliding = LayerKinds.Read(config, LayerCount, LayerKinds.Sliding, layer => (layer + 1) % pattern != 0);
        Windows = new ValueList<int?>(sliding.Select(slides => slides ? window : (int?)null));
        (Rope, LocalRope) = RopeReader.ReadByLayerKind(config, Attention.HeadSize, DefaultTheta, DefaultLocalTheta);
        QueryScalar = config.Positive("query_pre_attn_scalar", DefaultQueryScalar);
        // transformers' class has the field and never looks at it; other libraries compute it.
        config.Require(!config.Has("attn_logit_softcapping"), "attn_logit_softcapping", "null");
        double? cap = config.OptionalDouble("final_logit_softcapping");
        config.Require(cap is null or > 0, "final_logit_softcapping", "null, a positive number");
        // The multimodal class of transformers has no such cap, whatever its configuration says.
        FinalSoftCap = ModelType == "gemma3_text" ? cap : null;
    }

    /// <summary>Sliding window of each layer, itself included; null for a global layer.</summary>
    public ValueList<int?> Windows { get; init; }

    /// <summary>Rotation in global layers.</summary>
    public RopeSettings Rope { get; init; }

    /// <summary>Rotation in sliding layers.</summary>
    public RopeSettings LocalRope { get; init; }

    /// <summary>Scores are divided by the root of this, not of the head size.</summary>
    public double QueryScalar { get; init; }

    /// <summary>Logits x become cap · tanh(x / cap); null for none.</summary>
    public double? FinalSoftCap { get; init; }

    public override DecoderParts Build(ModelBuilder builder) => Gemma3.Build(this, builder);

    public override IReadOnlyList<LayerCacheShape> Caches() => [.. Windows.Select(window => new KeyValueCacheShape(Attention, window))];
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
    public override Tensor Forward(Tensor x, ForwardContext context, int layer)
    {
        Tensor attended = postAttentionNorm.Forward(attention.Forward(inputNorm.Forward(x, context), context, layer), context).PlusInPlace(x);
        return postFeedForwardNorm.Forward(mlp.Forward(preFeedForwardNorm.Forward(attended, context), context), context).PlusInPlace(attended);
    }

    public override StepLayer? ForStep() => StepLayer.Of(inputNorm, attention, postAttentionNorm, preFeedForwardNorm, mlp, postFeedForwardNorm);

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

/// <summary>
/// Gemma 3, text: zero-centred norms, scaled embeddings, sliding and global layers with rotations of their own. Checked against transformers 5.3.0.
/// </summary>
internal static class Gemma3
{
    public static DecoderParts Build(Gemma3Configuration config, ModelBuilder builder)
    {
        var global = new RotaryEmbedding(config.Rope, builder.Plan.Device);
        var local = new RotaryEmbedding(config.LocalRope, builder.Plan.Device);
        // Rounded to the model's dtype before the product: 50.5 in bfloat16 where float32 has 50.5964.
        Tensor scale = tensor((float)Math.Sqrt(config.HiddenSize), builder.Plan.Dtype, builder.Plan.Device);
        WeightScope root = builder.Root;
        TokenEmbedding embedding = root.Embedding(config, scale);
        return new DecoderParts
        {
            Embedding = embedding,
            Head = root.Head(config, embedding),
            Layers = [.. config.Windows.Select((window, i) => BuildLayer(config, root.At($"layers.{i}"), window, window is null ? global : local))],
            FinalNorm = root.ZeroCentredNorm(SharedParts.FinalNorm, config.HiddenSize, config.NormEps),
            Shared = [global, local],
            Finish = config.FinalSoftCap is { } cap ? new SoftCap(cap, builder.Plan.Device) : null,
        };
    }

    private static Gemma3Layer BuildLayer(Gemma3Configuration config, WeightScope at, int? window, RotaryEmbedding rotary)
    {
        // The product itself divides by the root of the head size; the rest is folded into the norm of the queries.
        double queryScale = Math.Sqrt(config.Attention.HeadSize / config.QueryScalar);
        return new Gemma3Layer(
            Norm("input_layernorm"),
            at.Attention(
                config,
                new AttentionShape(config.Attention, window),
                rotary,
                (own, name) => own.ZeroCentredNorm(name, config.Attention.HeadSize, config.NormEps, name == "q_norm" ? queryScale : 1)),
            Norm("post_attention_layernorm"),
            Norm("pre_feedforward_layernorm"),
            at.Mlp(config, Activation.GeluTanh),
            Norm("post_feedforward_layernorm"));

        ZeroCentredRmsNorm Norm(string name) => at.ZeroCentredNorm(name, config.HiddenSize, config.NormEps);
    }
}
