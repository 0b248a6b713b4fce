using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>Latent vectors of one question, <c>[m, d]</c>: m latent steps, d the width of the agent they belong to.</summary>
/// <remarks>
/// The values are contiguous, carry no gradient and belong to no dispose scope: whoever receives a block disposes it.
/// Reading is safe from several threads at once; disposing is not safe beside reading.
/// </remarks>
public sealed class LatentBlock : IDisposable
{
    private readonly Tensor _values;
    private bool _disposed;

    /// <summary>Creates a block that takes ownership of the values: the caller must no longer use or dispose them.</summary>
    /// <param name="values"><c>[m, d]</c>, any floating dtype, any device. m may be 0.</param>
    /// <exception cref="ArgumentNullException">There are no values.</exception>
    /// <exception cref="GraphException">The values have another number of dimensions.</exception>
    public LatentBlock(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.dim() != 2)
            throw new GraphException($"A latent block has two dimensions (step, width), not {values.dim()}.");
        if (values.requires_grad || !values.is_contiguous())
        {
            using Tensor given = values;
            using Tensor detached = given.detach();
            values = detached.contiguous();
        }

        _values = values.DetachFromDisposeScope();
    }

    /// <summary>The vectors, <c>[m, d]</c>. They live as long as the block.</summary>
    /// <exception cref="ObjectDisposedException">The block has been disposed.</exception>
    public Tensor Values
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _values;
        }
    }

    /// <summary>Number of latent steps, m.</summary>
    public int Steps => (int)Values.size(0);

    /// <summary>Width d of each vector.</summary>
    public int HiddenSize => (int)Values.size(1);

    /// <summary>Element type of the values.</summary>
    public ScalarType Dtype => Values.dtype;

    /// <summary>Device that holds the values.</summary>
    public Device Device => Values.device;

    /// <summary>A block without vectors, as a system with zero latent steps hands over: float32 on the CPU.</summary>
    /// <param name="hiddenSize">Width of the receiver.</param>
    public static LatentBlock Empty(int hiddenSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hiddenSize);
        using var scope = NewDisposeScope();
        return new LatentBlock(empty([0, hiddenSize], float32));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _values.Dispose();
    }

    /// <summary>Smallest, mean and largest Euclidean norm over all vectors of the block; zeros if it is empty.</summary>
    internal VectorNorms Norms()
    {
        if (Values.numel() == 0)
            return new VectorNorms(0, 0, 0);
        using var scope = NewDisposeScope();
        Tensor norms = _values.to_type(ScalarType.Float32).norm(1, keepdim: false, p: 2f); // [m]
        return new VectorNorms(norms.min().item<float>(), norms.mean().item<float>(), norms.max().item<float>());
    }

    /// <summary>Mean cosine between the vectors of two blocks, step by step; null if their shapes differ, they are empty, or a vector is zero.</summary>
    internal double? CosineTo(LatentBlock other)
    {
        if (!Values.shape.AsSpan().SequenceEqual(other.Values.shape) || Values.numel() == 0)
            return null;
        using var scope = NewDisposeScope();
        Tensor one = _values.to_type(ScalarType.Float32), two = other.Values.to(one.device).to_type(ScalarType.Float32); // [m, d]
        double cosine = ((one * two).sum(1) / (one.norm(1, keepdim: false, p: 2f) * two.norm(1, keepdim: false, p: 2f))).mean().item<float>();
        return double.IsFinite(cosine) ? cosine : null;
    }

    /// <summary>The first latent step, from 1, that holds NaN or infinity; null if all values are finite.</summary>
    internal int? FirstNonFiniteStep()
    {
        if (Values.numel() == 0)
            return null;
        using var scope = NewDisposeScope();
        Tensor finite = _values.isfinite().all(1); // [m]
        if (finite.all().item<bool>())
            return null;
        return (int)finite.logical_not().to_type(ScalarType.Int32).argmax().item<long>() + 1;
    }
}
