using RecursiveMas.Checkpoints;
using static TorchSharp.torch;

namespace RecursiveMas.Weights;

/// <summary>Element types of files as TorchSharp's: both follow PyTorch's table.</summary>
internal static class ElementTypes
{
    public static ScalarType ToScalarType(this ElementType type) => (ScalarType)(sbyte)type;

    public static ElementType ToElementType(this ScalarType type) => (ElementType)(sbyte)type;
}
