using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RecursiveMas.Kernels;

/// <summary>Vectors of one width: what a kernel that is written once for all widths is compiled for.</summary>
/// <typeparam name="TVector">A vector of float32.</typeparam>
internal unsafe interface ILanes<TVector>
{
    /// <summary>Numbers in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Whether there are vectors enough at hand for 24 sums beside their factors.</summary>
    static abstract bool Many { get; }

    static abstract TVector Load(float* from);

    static abstract TVector LoadBFloat16(ushort* from);

    static abstract TVector LoadFloat16(ushort* from);

    static abstract TVector LoadInt8(sbyte* from);

    static abstract void Store(TVector values, float* to);

    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a · b + c, rounded once where the processor has that.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract float Sum(TVector values);
}

/// <summary>Asks for memory that will be read soon, where the processor can be asked; an address that is not there does no harm.</summary>
internal static unsafe class Ahead
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(byte* at)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(at);
    }
}

/// <summary>How a half becomes a float32: its bits moved to their places, and the difference of the two exponents' offsets made good by a product.</summary>
internal static class HalfBits
{
    public const uint Magnitude = 0x7FFF, Sign = 0x8000, Infinity = 0x7C00u << Shift, WideInfinity = 0x7F800000;
    public const int Shift = 13, SignShift = 16;

    public static float Offset => BitConverter.UInt32BitsToSingle((127 + 112) << 23);
}

/// <summary>512 bits: AVX-512.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => Vector512<float>.Count;

    public static bool Many => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloat16(ushort* from) => (Widen(from) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadFloat16(ushort* from)
    {
        Vector512<uint> bits = Widen(from), magnitude = (bits & Vector512.Create(HalfBits.Magnitude)) << HalfBits.Shift;
        Vector512<uint> infinite = Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(HalfBits.Infinity)) & Vector512.Create(HalfBits.WideInfinity);
        Vector512<uint> wide = (magnitude.AsSingle() * Vector512.Create(HalfBits.Offset)).AsUInt32();
        return (wide | infinite | ((bits & Vector512.Create(HalfBits.Sign)) << HalfBits.SignShift)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadInt8(sbyte* from) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(from)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, float* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> values) => Vector512.Sum(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(ushort* from) => Avx512F.ConvertToVector512UInt32(Vector256.Load(from));
}

/// <summary>256 bits: AVX2.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => Vector256<float>.Count;

    public static bool Many => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBFloat16(ushort* from) => (Widen(from) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadFloat16(ushort* from)
    {
        Vector256<uint> bits = Widen(from), magnitude = (bits & Vector256.Create(HalfBits.Magnitude)) << HalfBits.Shift;
        Vector256<uint> infinite = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(HalfBits.Infinity)) & Vector256.Create(HalfBits.WideInfinity);
        Vector256<uint> wide = (magnitude.AsSingle() * Vector256.Create(HalfBits.Offset)).AsUInt32();
        return (wide | infinite | ((bits & Vector256.Create(HalfBits.Sign)) << HalfBits.SignShift)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadInt8(sbyte* from) => Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(from));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, float* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> values) => Vector256.Sum(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Widen(ushort* from) => Avx2.ConvertToVector256Int32(from).AsUInt32();
}

/// <summary>128 bits: every other processor.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => Vector128<float>.Count;

    public static bool Many => System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloat16(ushort* from) => (Widen(from) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadFloat16(ushort* from)
    {
        Vector128<uint> bits = Widen(from), magnitude = (bits & Vector128.Create(HalfBits.Magnitude)) << HalfBits.Shift;
        Vector128<uint> infinite = Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(HalfBits.Infinity)) & Vector128.Create(HalfBits.WideInfinity);
        Vector128<uint> wide = (magnitude.AsSingle() * Vector128.Create(HalfBits.Offset)).AsUInt32();
        return (wide | infinite | ((bits & Vector128.Create(HalfBits.Sign)) << HalfBits.SignShift)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadInt8(sbyte* from)
    {
        Vector128<sbyte> four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(from)).AsSByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(four)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> values, float* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> values) => Vector128.Sum(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Widen(ushort* from) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(from)).AsUInt16());
}
