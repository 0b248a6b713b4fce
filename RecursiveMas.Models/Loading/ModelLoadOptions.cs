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
    /// How the weights lie in memory. Default: <see cref="WeightFormat.Auto"/>. Models on other devices than the CPU take that or
    /// <see cref="WeightFormat.Plain"/>.
    /// </summary>
    /// <exception cref="InvalidOptionException">There is no such format.</exception>
    public WeightFormat Weights { get; init => field = Given.Defined(value, nameof(Weights)); } = WeightFormat.Auto;

    /// <summary>
    /// Whether managed code computes what it can on a CPU: attention, norms, activations, products with few inputs, and whole steps. Without it all is left to
    /// libtorch, and comes out the same up to rounding. Default: true.
    /// </summary>
    public bool ManagedKernels { get; init; } = true;

    /// <summary>What happens if memory is too small for the weights and what loading them takes. Default: <see cref="MemoryCheck.Refuse"/>.</summary>
    /// <exception cref="InvalidOptionException">There is no such value.</exception>
    public MemoryCheck MemoryCheck { get; init => field = Given.Defined(value, nameof(MemoryCheck)); } = MemoryCheck.Refuse;

    /// <summary>Tells what memory there is.</summary>
    internal Func<HostMemory?> Host { get; init; } = HostMemory.Now;

    /// <summary>Where the linear layers of Qwen3.5 round. Default: as transformers 5.3.0.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public GatedDeltaRounding DeltaRounding { get; init => field = Given.NotNull(value, nameof(DeltaRounding)); } = new();
}
