using RecursiveMas.Shared;
using RecursiveMas.Memory;
using TorchSharp;

namespace RecursiveMas;

/// <summary>Where a model is loaded, and how.</summary>
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

    /// <summary>Whether managed kernels compute what they can on a CPU; without them all is left to libtorch, and comes out the same.</summary>
    internal bool ManagedKernels { get; init; } = true;

    /// <summary>What happens if memory is too small for the weights and what loading them takes. Default: <see cref="MemoryCheck.Refuse"/>.</summary>
    /// <exception cref="InvalidOptionException">There is no such value.</exception>
    public MemoryCheck MemoryCheck { get; init => field = Given.Defined(value, nameof(MemoryCheck)); } = MemoryCheck.Refuse;

    /// <summary>
    /// Whether the CPU computes bfloat16 fast, which decides what <see cref="ModelDtype.Auto"/> means on it. Default: null, the CPU is asked.
    /// </summary>
    public bool? FastBFloat16 { get; init; }

    /// <summary>Tells what memory there is.</summary>
    internal Func<HostMemory?> Host { get; init; } = HostMemory.Now;

    /// <summary>Where the linear layers of Qwen3.5 round. Default: as transformers 5.3.0.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public GatedDeltaRounding DeltaRounding { get; init => field = Given.NotNull(value, nameof(DeltaRounding)); } = new();
}
