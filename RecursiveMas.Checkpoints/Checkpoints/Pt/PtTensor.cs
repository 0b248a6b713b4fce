namespace RecursiveMas;

/// <summary>Raw elements in a file of torch.save. Several tensors may be views of one storage.</summary>
/// <param name="Key">Its number in the file.</param>
/// <param name="ClassName">Its class as the file names it, for example "BFloat16Storage".</param>
/// <param name="Type">Element type.</param>
/// <param name="ElementSize">Bytes of an element.</param>
/// <param name="Count">Number of elements.</param>
public sealed record PtStorage(string Key, string ClassName, ElementType Type, int ElementSize, long Count)
{
    /// <summary>Number of bytes.</summary>
    public long ByteCount => Count * ElementSize;
}

/// <summary>A tensor in a file of torch.save: a view of a storage. Offset and strides are in elements.</summary>
/// <param name="Storage">The elements.</param>
/// <param name="Offset">The first element of the tensor in its storage.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Strides">Distance of neighbours in each dimension.</param>
/// <param name="RequiresGrad">Whether it was saved as one that gradients are wanted of.</param>
/// <param name="IsParameter">Whether it was saved as a parameter.</param>
/// <param name="Count">Number of elements.</param>
public sealed record PtTensor(
    PtStorage Storage,
    long Offset,
    IReadOnlyList<long> Shape,
    IReadOnlyList<long> Strides,
    bool RequiresGrad,
    bool IsParameter,
    long Count)
{
    /// <summary>Element type.</summary>
    public ElementType Type => Storage.Type;

    /// <summary>Bytes of its elements, one after another.</summary>
    public long ByteCount => Count * Storage.ElementSize;

    /// <summary>Whether the elements lie one after another.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int i = Shape.Count - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                    return Count == 0;
                expected *= Shape[i];
            }

            return true;
        }
    }
}
