namespace RecursiveMas;

/// <summary>Element types of tensors in checkpoint files. The values are those of PyTorch's own table of types.</summary>
public enum ElementType
{
    /// <summary>Unsigned, 8 bits.</summary>
    Byte = 0,

    /// <summary>Signed, 8 bits.</summary>
    Int8 = 1,

    /// <summary>Signed, 16 bits.</summary>
    Int16 = 2,

    /// <summary>Signed, 32 bits.</summary>
    Int32 = 3,

    /// <summary>Signed, 64 bits.</summary>
    Int64 = 4,

    /// <summary>IEEE 754 half precision, 16 bits.</summary>
    Float16 = 5,

    /// <summary>IEEE 754 single precision, 32 bits.</summary>
    Float32 = 6,

    /// <summary>IEEE 754 double precision, 64 bits.</summary>
    Float64 = 7,

    /// <summary>Two float32, 64 bits.</summary>
    ComplexFloat32 = 9,

    /// <summary>Two float64, 128 bits.</summary>
    ComplexFloat64 = 10,

    /// <summary>Truth values of one byte each.</summary>
    Bool = 11,

    /// <summary>The upper half of a float32, 16 bits.</summary>
    BFloat16 = 15,
}
