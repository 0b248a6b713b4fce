using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>The memory that a model takes on its device, in bytes, as its configuration and the headers of its files tell it.</summary>
/// <remarks>Weights and caches are exact up to the allocator's rounding; working memory is a close upper estimate.</remarks>
public sealed record MemoryEstimate
{
    /// <summary>Where the memory is.</summary>
    public required Device Device { get; init; }

    /// <summary>Element type that the model computes in.</summary>
    public required ScalarType Dtype { get; init; }

    /// <summary>Element type of the checkpoint.</summary>
    public required ScalarType StoredDtype { get; init; }

    /// <summary>
    /// Weights that stay views of mapped files: pages of the system's file cache, shared by all processes and dropped when memory is
    /// short. Not part of the peaks below.
    /// </summary>
    public required long MappedWeights { get; init; }

    /// <summary>
    /// Of <see cref="MappedWeights"/> what is not read as a whole: an embedding of which only rows are looked up, because nothing is written or the
    /// output head has weights of its own; and an output head where nothing is written.
    /// </summary>
    public required long LookedUpWeights { get; init; }

    /// <summary>Weights in private memory: converted, moved, or copied into faster layouts.</summary>
    public required long PrivateWeights { get; init; }

    /// <summary>Peak of what loading takes in addition to the finished weights, pages of the file that are being copied included.</summary>
    public required long LoadingWork { get; init; }

    /// <summary>The cache at the end of the latent rollout; 0 without one.</summary>
    public required long ThinkingCache { get; init; }

    /// <summary>Working memory of the latent rollout, most of it while the prompt is read; 0 without one.</summary>
    public required long ThinkingWork { get; init; }

    /// <summary>The cache at the end of writing; 0 without it.</summary>
    public required long WritingCache { get; init; }

    /// <summary>Working memory of writing, most of it while the prompt is read; 0 without it.</summary>
    public required long WritingWork { get; init; }

    /// <summary>Weights that stay in memory while the model is used: the private ones, and the mapped ones that every step reads.</summary>
    public long ResidentWeights => PrivateWeights + MappedWeights - LookedUpWeights;

    /// <summary>Peak while the model is loaded.</summary>
    public long LoadingPeak => PrivateWeights + LoadingWork;

    /// <summary>Peak while the model thinks.</summary>
    public long ThinkingPeak => PrivateWeights + ThinkingCache + ThinkingWork;

    /// <summary>Peak while the model writes.</summary>
    public long WritingPeak => PrivateWeights + WritingCache + WritingWork;

    /// <summary>The largest of the three peaks.</summary>
    public long Peak => Math.Max(LoadingPeak, Math.Max(ThinkingPeak, WritingPeak));
}
