using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>The weights of a gated delta layer.</summary>
internal sealed record GatedDeltaWeights : IDisposable
{
    /// <summary>in_proj_qkv, in_proj_z, in_proj_b, in_proj_a.</summary>
    public required LinearGroup Inputs { get; init; }

    public required CausalConvolution Convolution { get; init; }

    /// <summary>−exp(A_log), [N], float32.</summary>
    public required Tensor Rate { get; init; }

    /// <summary>dt_bias, [N], float32.</summary>
    public required Tensor StepBias { get; init; }

    public required GatedRmsNorm Norm { get; init; }

    public required Linear Output { get; init; }

    public void Dispose()
    {
        Inputs.Dispose();
        Convolution.Dispose();
        Rate.Dispose();
        StepBias.Dispose();
        Norm.Dispose();
        Output.Dispose();
    }
}
