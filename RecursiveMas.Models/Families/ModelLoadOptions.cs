using RecursiveMas.Checks;
using TorchSharp;

namespace RecursiveMas;

/// <summary>Where and how to load a model.</summary>
public sealed record ModelLoadOptions
{
    /// <summary>Element type to compute in. Default: <see cref="ModelDtype.Auto"/>.</summary>
    /// <exception cref="InvalidOptionException">There is no such type.</exception>
    public ModelDtype Dtype { get; init => field = Given.Defined(value, nameof(Dtype)); } = ModelDtype.Auto;

    /// <summary>Device to compute on. Default: the CPU.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public torch.Device Device { get; init => field = Given.NotNull(value, nameof(Device)); } = torch.CPU;

    /// <summary>
    /// Copy weights into layouts that compute faster. Without it the weights of a CPU model stay mapped files where no conversion is
    /// needed: loading is immediate and costs no private memory, but each token takes two to three times as long. Default: true.
    /// </summary>
    public bool OptimizeWeights { get; init; } = true;

    /// <summary>Where the linear layers of Qwen3.5 round. Default: as transformers 5.3.0.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public GatedDeltaRounding DeltaRounding { get; init => field = Given.NotNull(value, nameof(DeltaRounding)); } = new();
}
