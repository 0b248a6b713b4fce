using System.Numerics;
using RecursiveMas.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Kernels;

/// <summary>bfloat16 as kernels read and round it against libtorch's.</summary>
public unsafe class ElementTests
{
    [Fact]
    public void Every_bfloat16_is_read_and_written_back_as_it_is()
    {
        using var scope = NewDisposeScope();
        ushort[] bits = [.. Enumerable.Range(0, 1 << 16).Select(value => (ushort)value)];
        float[] widened = new float[bits.Length];
        fixed (ushort* from = bits)
        fixed (float* to = widened)
        {
            ushort* back = stackalloc ushort[Block.Length];
            for (int i = 0; i < bits.Length; i += Block.Length)
            {
                BFloat16Element.Load((BFloat16Element*)from + i, out Vector<float> low, out Vector<float> high);
                low.CopyTo(widened, i);
                high.CopyTo(widened, i + Block.Half);
                BFloat16Element.Store((BFloat16Element*)back, low, high);
                for (int j = i; j < i + Block.Length; j++)
                {
                    Assert.Equal((uint)bits[j] << 16, BitConverter.SingleToUInt32Bits(BFloat16Element.Widen(((BFloat16Element*)from)[j])));
                    if (!float.IsNaN(widened[j]))
                        Assert.Equal((bits[j], (uint)bits[j] << 16), (back[j - i], BitConverter.SingleToUInt32Bits(widened[j])));
                }
            }
        }
    }

    [Fact]
    public void Numbers_are_rounded_as_libtorch_rounds_them()
    {
        using var scope = NewDisposeScope();
        var random = new Random(3);
        float[] numbers =
        [
            float.NaN, BitConverter.UInt32BitsToSingle(0x7FFFFFFF), BitConverter.UInt32BitsToSingle(0xFFFFFFFF), BitConverter.UInt32BitsToSingle(0x7F800001),
            float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon, 0f, -0f,
            BitConverter.UInt32BitsToSingle(0x3F808000), BitConverter.UInt32BitsToSingle(0x3F818000), BitConverter.UInt32BitsToSingle(0x3F807FFF),
            BitConverter.UInt32BitsToSingle(0x3F808001),
            .. Enumerable.Range(0, 20_000).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32))),
        ];
        numbers = numbers[..(numbers.Length / Block.Length * Block.Length)];
        float[] expected = [.. tensor(numbers).to_type(ScalarType.BFloat16).to_type(ScalarType.Float32).data<float>()];
        for (int i = 0; i < numbers.Length; i += Block.Half)
        {
            Vector<float> rounded = BFloat16Element.Round(new Vector<float>(numbers, i));
            for (int j = 0; j < Block.Half; j++)
            {
                Assert.Equal(expected[i + j], rounded[j]);
                Assert.Equal(expected[i + j], BFloat16Element.Widen(BFloat16Element.Narrow(numbers[i + j])));
            }
        }
    }
}
