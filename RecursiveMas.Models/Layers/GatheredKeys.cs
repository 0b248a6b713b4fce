using RecursiveMas.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Where the keys of R rows lie in a pool, each row filled up to the longest.</summary>
/// <param name="Places">[R · longest], int64; the last key of a row stands again where it has no more.</param>
/// <param name="Mask">[R, 1, 1, longest], minus infinity where a row has no more, else 0.</param>
internal sealed record GatheredKeys(Tensor Places, Tensor Mask) : IDisposable
{
    // What kernels want of a mask's rows.
    private const int Multiple = 16;

    /// <param name="rows">[2, R, 1], int64: place before the first key of each row, and number of keys.</param>
    /// <param name="most">The largest number of keys.</param>
    /// <param name="dtype">Element type of the mask.</param>
    public static GatheredKeys Create(Tensor rows, long most, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        Tensor before = rows[0], counts = rows[1]; // [R, 1]
        Tensor numbers = ones([1, (most + Multiple - 1) / Multiple * Multiple], int64, rows.device).cumsum(1); // 1, 2, … longest
        Tensor places = before.Plus(numbers.minimum(counts)).flatten();
        Tensor mask = zeros([counts.size(0), numbers.size(1)], dtype, rows.device).masked_fill_(numbers.gt(counts), HeldNumbers.MinusInfinity);
        return new GatheredKeys(places.DetachFromDisposeScope(), mask.view(counts.size(0), 1, 1, -1).DetachFromDisposeScope());
    }

    public void Dispose()
    {
        Places.Dispose();
        Mask.Dispose();
    }
}
