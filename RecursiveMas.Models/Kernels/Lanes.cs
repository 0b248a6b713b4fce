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

    /// <summary>The number in every place.</summary>
    static abstract TVector All(float value);

    static abstract TVector Load(float* from);

    static abstract TVector LoadBFloat16(ushort* from);

    static abstract TVector LoadFloat16(ushort* from);

    static abstract TVector LoadInt8(sbyte* from);

    static abstract void Store(TVector values, float* to);

    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a · b + c, rounded once where the processor has that.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract float Sum(TVector values);

    /// <summary>The sums of four vectors at once, which takes half of the time of four alone.</summary>
    static abstract Vector128<float> Sums(TVector a, TVector b, TVector c, TVector d);

    /// <summary>Writes the sums of three rows' products with up to four inputs, those of each input side by side.</summary>
    /// <param name="to">Sums of the first input.</param>
    /// <param name="stride">Elements from the sums of an input to those of the next.</param>
    /// <param name="inputs">Inputs that are written, 1 to 4.</param>
    /// <param name="a">The first row.</param>
    /// <param name="b">The second row.</param>
    /// <param name="c">The third row.</param>
    static abstract void PutSums(float* to, nint stride, int inputs, in FourInputs<TVector> a, in FourInputs<TVector> b, in FourInputs<TVector> c);
}

/// <summary>What one row's products with four inputs have come to.</summary>
internal readonly ref struct FourInputs<TVector>(TVector first, TVector second, TVector third, TVector fourth)
{
    public readonly TVector First = first, Second = second, Third = third, Fourth = fourth;
}

/// <summary>Sums of products on their way to memory.</summary>
internal static unsafe class RowSums
{
    /// <summary>Writes three numbers; what follows them belongs to another thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutThree(float* to, Vector128<float> sums)
    {
        *(double*)to = sums.AsDouble().ToScalar();
        to[2] = sums.GetElement(2);
    }

    /// <summary>Writes the sums of three rows' products with up to four inputs, one input after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutEach<TLanes, TVector>(
        float* to, nint stride, int inputs, in FourInputs<TVector> a, in FourInputs<TVector> b, in FourInputs<TVector> c)
        where TLanes : ILanes<TVector>
    {
        PutThree(to, TLanes.Sums(a.First, b.First, c.First, c.First));
        if (inputs > 1)
            PutThree(to + stride, TLanes.Sums(a.Second, b.Second, c.Second, c.Second));
        if (inputs > 2)
            PutThree(to + (2 * stride), TLanes.Sums(a.Third, b.Third, c.Third, c.Third));
        if (inputs > 3)
            PutThree(to + (3 * stride), TLanes.Sums(a.Fourth, b.Fourth, c.Fourth, c.Fourth));
    }

    /// <summary>Writes the sums of four vectors side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put(float* to, Vector<float> a, Vector<float> b, Vector<float> c, Vector<float> d)
    {
        if (Vector<float>.Count == Vector256<float>.Count)
            Lanes256.Sums(a.AsVector256(), b.AsVector256(), c.AsVector256(), d.AsVector256()).Store(to);
        else
            (to[0], to[1], to[2], to[3]) = (Vector.Sum(a), Vector.Sum(b), Vector.Sum(c), Vector.Sum(d));
    }

    /// <summary>(a₀ + a₂) + (a₁ + a₃), likewise of b, c, d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> OfEach(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (!Sse.IsSupported)
            return Vector128.Create(Vector128.Sum(a), Vector128.Sum(b), Vector128.Sum(c), Vector128.Sum(d));
        Vector128<float> ab = Sse.UnpackLow(a, b) + Sse.UnpackHigh(a, b), cd = Sse.UnpackLow(c, d) + Sse.UnpackHigh(c, d);
        return Sse.MoveLowToHigh(ab, cd) + Sse.MoveHighToLow(cd, ab);
    }
}

/// <summary>Asks for memory that will be read soon, where the processor can be asked; an address that is not there does no harm.</summary>
internal static unsafe class Ahead
{
    private const int Line = 64;

    /// <param name="at">The first byte.</param>
    /// <param name="count">Number of bytes, at most three lines of a cache.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(byte* at, int count)
    {
        if (!Sse.IsSupported)
            return;
        Sse.Prefetch0(at);
        if (count > Line)
            Sse.Prefetch0(at + Math.Min(count / 2, Line));
        if (count > 2 * Line)
            Sse.Prefetch0(at + (2 * Line));
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
    // Which two of four parts come from each of two vectors.
    private const byte LowPairs = 0b01_00_01_00, HighPairs = 0b11_10_11_10, Evens = 0b10_00_10_00, Odds = 0b11_01_11_01;

    public static int Count => Vector512<float>.Count;

    public static bool Many => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> All(float value) => Vector512.Create(value);

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
    public static Vector128<float> Sums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d) =>
        Lanes256.Sums(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutSums(
        float* to, nint stride, int inputs, in FourInputs<Vector512<float>> a, in FourInputs<Vector512<float>> b, in FourInputs<Vector512<float>> c)
    {
        Vector512<float> first = Quarters(a), second = Quarters(b), third = Quarters(c);
        Vector512<float> two = Avx512F.UnpackLow(first, second) + Avx512F.UnpackHigh(first, second);
        Vector512<float> one = Avx512F.UnpackLow(third, third) + Avx512F.UnpackHigh(third, third);
        // In each quarter: the sums of the three rows.
        Vector512<float> sums = Avx512F.Shuffle(two, one, LowPairs) + Avx512F.Shuffle(two, one, HighPairs);
        RowSums.PutThree(to, sums.GetLower().GetLower());
        if (inputs > 1)
            RowSums.PutThree(to + stride, sums.GetLower().GetUpper());
        if (inputs > 2)
            RowSums.PutThree(to + (2 * stride), sums.GetUpper().GetLower());
        if (inputs > 3)
            RowSums.PutThree(to + (3 * stride), sums.GetUpper().GetUpper());
    }

    /// <summary>A quarter for each of four vectors, with what its own quarters add up to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(in FourInputs<Vector512<float>> of)
    {
        Vector512<float> two = Avx512F.Shuffle4x128(of.First, of.Second, LowPairs) + Avx512F.Shuffle4x128(of.First, of.Second, HighPairs);
        Vector512<float> others = Avx512F.Shuffle4x128(of.Third, of.Fourth, LowPairs) + Avx512F.Shuffle4x128(of.Third, of.Fourth, HighPairs);
        return Avx512F.Shuffle4x128(two, others, Evens) + Avx512F.Shuffle4x128(two, others, Odds);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(ushort* from) => Avx512F.ConvertToVector512UInt32(Vector256.Load(from));
}

/// <summary>256 bits: AVX2.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => Vector256<float>.Count;

    public static bool Many => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> All(float value) => Vector256.Create(value);

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
    public static Vector128<float> Sums(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d) =>
        RowSums.OfEach(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutSums(
        float* to, nint stride, int inputs, in FourInputs<Vector256<float>> a, in FourInputs<Vector256<float>> b, in FourInputs<Vector256<float>> c) =>
        RowSums.PutEach<Lanes256, Vector256<float>>(to, stride, inputs, a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Widen(ushort* from) => Avx2.ConvertToVector256Int32(from).AsUInt32();
}

/// <summary>128 bits: every other processor.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => Vector128<float>.Count;

    public static bool Many => System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> All(float value) => Vector128.Create(value);

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
    public static Vector128<float> Sums(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) => RowSums.OfEach(a, b, c, d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutSums(
        float* to, nint stride, int inputs, in FourInputs<Vector128<float>> a, in FourInputs<Vector128<float>> b, in FourInputs<Vector128<float>> c) =>
        RowSums.PutEach<Lanes128, Vector128<float>>(to, stride, inputs, a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Widen(ushort* from) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(from)).AsUInt16());
}
