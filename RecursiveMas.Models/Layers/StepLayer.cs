using RecursiveMas.Kernels;

namespace RecursiveMas.Layers;

/// <summary>A layer as a managed step takes it: x += B₁(Attn(N₁(x))); x += B₂(MLP(N₂(x))).</summary>
/// <param name="AttentionNorm">N₁.</param>
/// <param name="Attention">Softmax attention.</param>
/// <param name="AttentionBranch">B₁; null for none.</param>
/// <param name="MlpNorm">N₂.</param>
/// <param name="Mlp">Gated MLP.</param>
/// <param name="MlpBranch">B₂; null for none.</param>
internal sealed record StepLayer(
    HeadNorm AttentionNorm, StepAttention Attention, HeadNorm? AttentionBranch, HeadNorm MlpNorm, StepMlp Mlp, HeadNorm? MlpBranch)
{
    /// <summary>Elements of all linear weights.</summary>
    public long Elements => new[] { Attention.Projections, Attention.Output, Mlp.GateUp, Mlp.Down }.Sum(stack => (long)stack.Inputs * stack.Outputs);

    /// <summary>The layer of these parts; null where their weights are laid out otherwise.</summary>
    public static StepLayer? Of(
        RmsNorm attentionNorm, SoftmaxAttention? attention, RmsNorm? attentionBranch, RmsNorm mlpNorm, GatedMlp mlp, RmsNorm? mlpBranch) =>
        attention?.ForStep() is { } mixer && mlp.ForStep() is { } gated
            ? new StepLayer(attentionNorm.ForHeads(), mixer, attentionBranch?.ForHeads(), mlpNorm.ForHeads(), gated, mlpBranch?.ForHeads())
            : null;
}

/// <summary>Softmax attention in a managed step.</summary>
/// <param name="Projections">Queries (and gates), keys, values.</param>
/// <param name="Output">The output projection.</param>
/// <param name="Task">What the product computes.</param>
/// <param name="Gated">Whether the sigmoid of the gate behind each query multiplies the result.</param>
/// <param name="QueryNorm">Norm of queries.</param>
/// <param name="KeyNorm">Norm of keys.</param>
/// <param name="Rotary">Rotation of queries and keys.</param>
internal sealed record StepAttention(
    RowStack Projections, RowStack Output, AttentionTask Task, bool Gated, HeadNorm QueryNorm, HeadNorm KeyNorm, RotaryEmbedding Rotary);

/// <summary>A gated MLP in a managed step.</summary>
/// <param name="GateUp">Gate and up projection.</param>
/// <param name="Down">The down projection.</param>
/// <param name="Activation">The gate's activation.</param>
internal sealed record StepMlp(RowStack GateUp, RowStack Down, Activation Activation);
