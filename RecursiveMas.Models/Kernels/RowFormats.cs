using System.Runtime.CompilerServices;

namespace RecursiveMas.Kernels;

/// <summary>How the elements of a weight lie in memory.</summary>
internal enum RowFormat
{
    Float32,
    BFloat16,
    Float16,

    /// <summary>A byte with sign for each element, and a factor for each row.</summary>
    Int8,
}

/// <summary>How kernels read elements of a weight: widened to float32.</summary>
internal unsafe interface IRowFormat
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    static abstract float Load(byte* from);

    static abstract TVector Load<TLanes, TVector>(byte* from)
        where TLanes : ILanes<TVector>;
}

internal readonly unsafe struct Float32Format : IRowFormat
{
    public static int Size => sizeof(float);

    public static float Load(byte* from) => *(float*)from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* from)
        where TLanes : ILanes<TVector> => TLanes.Load((float*)from);
}

internal readonly unsafe struct BFloat16Format : IRowFormat
{
    public static int Size => sizeof(ushort);

    public static float Load(byte* from) => BitConverter.UInt32BitsToSingle((uint)*(ushort*)from << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* from)
        where TLanes : ILanes<TVector> => TLanes.LoadBFloat16((ushort*)from);
}

internal readonly unsafe struct Float16Format : IRowFormat
{
    public static int Size => sizeof(ushort);

    public static float Load(byte* from) => (float)*(Half*)from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* from)
        where TLanes : ILanes<TVector> => TLanes.LoadFloat16((ushort*)from);
}

internal readonly unsafe struct Int8Format : IRowFormat
{
    public static int Size => sizeof(sbyte);

    public static float Load(byte* from) => *(sbyte*)from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* from)
        where TLanes : ILanes<TVector> => TLanes.LoadInt8((sbyte*)from);
}
