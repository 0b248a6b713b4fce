using System.Numerics;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Kernels;

/// <summary>An element type as kernels see it: read into float32, computed there, rounded when it is stored.</summary>
internal unsafe interface IElement<TSelf>
    where TSelf : unmanaged, IElement<TSelf>
{
    /// <summary>The same as a format of weights.</summary>
    static abstract RowFormat Format { get; }

    static abstract float Widen(TSelf value);

    static abstract TSelf Narrow(float value);

    /// <summary>What would be read back if the values were stored.</summary>
    static abstract Vector<float> Round(Vector<float> values);

    /// <summary>Reads a vector of a given width.</summary>
    static abstract TVector Load<TLanes, TVector>(TSelf* from)
        where TLanes : ILanes<TVector>;

    /// <summary>Reads a block of <see cref="Block.Length"/> elements.</summary>
    static abstract void Load(TSelf* from, out Vector<float> low, out Vector<float> high);

    /// <summary>Writes such a block.</summary>
    static abstract void Store(TSelf* to, Vector<float> low, Vector<float> high);
}

/// <summary>What kernels take at a time: two vectors, so that half as wide elements fill one.</summary>
internal static class Block
{
    public static int Half => Vector<float>.Count;

    public static int Length => 2 * Vector<float>.Count;
}

internal readonly unsafe struct Float32Element : IElement<Float32Element>
{
    private readonly float _value;

    private Float32Element(float value) => _value = value;

    public static RowFormat Format => RowFormat.Float32;

    public static float Widen(Float32Element value) => value._value;

    public static Float32Element Narrow(float value) => new(value);

    public static Vector<float> Round(Vector<float> values) => values;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(Float32Element* from)
        where TLanes : ILanes<TVector> => TLanes.Load((float*)from);

    public static void Load(Float32Element* from, out Vector<float> low, out Vector<float> high)
    {
        low = Vector.Load((float*)from);
        high = Vector.Load((float*)from + Vector<float>.Count);
    }

    public static void Store(Float32Element* to, Vector<float> low, Vector<float> high)
    {
        Vector.Store(low, (float*)to);
        Vector.Store(high, (float*)to + Vector<float>.Count);
    }
}

/// <summary>The upper half of a float32, rounded to even.</summary>
internal readonly unsafe struct BFloat16Element : IElement<BFloat16Element>
{
    private const int Dropped = 16;
    private const uint JustBelowHalf = 0x7FFF, NotANumber = 0x7FC00000;

    private readonly ushort _bits;

    private BFloat16Element(ushort bits) => _bits = bits;

    public static RowFormat Format => RowFormat.BFloat16;

    public static float Widen(BFloat16Element value) => BitConverter.UInt32BitsToSingle((uint)value._bits << Dropped);

    public static BFloat16Element Narrow(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        bits = float.IsNaN(value) ? NotANumber : bits + JustBelowHalf + ((bits >> Dropped) & 1);
        return new BFloat16Element((ushort)(bits >> Dropped));
    }

    public static Vector<float> Round(Vector<float> values) => Vector.AsVectorSingle(Upper(values) << Dropped);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(BFloat16Element* from)
        where TLanes : ILanes<TVector> => TLanes.LoadBFloat16((ushort*)from);

    public static void Load(BFloat16Element* from, out Vector<float> low, out Vector<float> high)
    {
        Vector.Widen(Vector.Load((ushort*)from), out Vector<uint> lowBits, out Vector<uint> highBits);
        low = Vector.AsVectorSingle(lowBits << Dropped);
        high = Vector.AsVectorSingle(highBits << Dropped);
    }

    public static void Store(BFloat16Element* to, Vector<float> low, Vector<float> high) =>
        Vector.Store(Vector.Narrow(Upper(low), Upper(high)), (ushort*)to);

    private static Vector<uint> Upper(Vector<float> values)
    {
        Vector<uint> bits = Vector.AsVectorUInt32(values);
        Vector<uint> rounded = bits + new Vector<uint>(JustBelowHalf) + ((bits >> Dropped) & Vector<uint>.One);
        Vector<uint> numbers = Vector.AsVectorUInt32(Vector.Equals(values, values));
        return Vector.ConditionalSelect(numbers, rounded, new Vector<uint>(NotANumber)) >> Dropped;
    }
}
