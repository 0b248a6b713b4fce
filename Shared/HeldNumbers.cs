using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Shared;

/// <summary>
/// Numbers and sums that the garbage collector cannot break. TorchSharp 0.107 reads a <see cref="Scalar"/>'s native handle and then holds the object
/// no longer, so that a collection during the call frees the number under libtorch's hands; its sums make such a number, alpha = 1, of their own.
/// Numbers here live as long as the program.
/// </summary>
internal static class HeldNumbers
{
    public static readonly Scalar Zero = 0.ToScalar();
    public static readonly Scalar One = 1.ToScalar();
    public static readonly Scalar False = false.ToScalar();
    public static readonly Scalar MinusInfinity = float.NegativeInfinity.ToScalar();

    /// <summary>The sum, a new tensor.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    /// <summary>Adds <paramref name="right"/> to <paramref name="left"/> in place.</summary>
    public static Tensor PlusInPlace(this Tensor left, Tensor right) => left.add_(right, One);
}
