using System.Runtime.Intrinsics;
using RecursiveMas.Kernels;
using RecursiveMas.Layers;
using RecursiveMas.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Kernels;

/// <summary>
/// Products on stored rows against the formula in float64, in every format and width of vectors, on sizes that fill vectors and sizes that do not.
/// </summary>
public unsafe class RowProductTests
{
    public static IEnumerable<object[]> Cases =>
        from type in new[] { ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16, ScalarType.Int8 }
        from columns in new[] { 1, 5, 16, 33, 64, 200, 576, 1000 }
        select new object[] { type, columns };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equal_to_the_formula(ScalarType type, int columns)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)columns);
        foreach (int rows in new[] { 1, 2, 3, 7, 64, 97 })
        {
            Tensor weight = type == ScalarType.Int8
                ? randint(-127, 128, [rows, columns], ScalarType.Int8, generator: generator)
                : randn([rows, columns], generator: generator).to_type(type);
            Tensor? scales = type == ScalarType.Int8 ? rand(rows, generator: generator).add_(0.5) : null;
            Tensor bias = randn(rows, generator: generator), exact = weight.to_type(ScalarType.Float64);
            exact = scales is null ? exact : exact * scales.unsqueeze(1);
            using var stored = new StoredRows(weight.clone(), bias.clone(), scales?.clone());
            foreach (int count in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 17 })
            {
                Tensor x = randn([count, columns], generator: generator);
                Tensor expected = x.to_type(ScalarType.Float64).matmul(exact.t()) + bias;
                foreach ((string width, Tensor actual) in Products(stored, x))
                    TensorChecks.Close(expected, actual, 4e-6, $"{rows} rows, {count} inputs, {width}");
            }
        }
    }

    /// <summary>What lies between the results belongs to other weights.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(40)]
    public void Nothing_is_written_beside_the_results(int count)
    {
        using var scope = NewDisposeScope();
        foreach (int rows in new[] { 1, 5, 48, 50, 97 })
        {
            using var stored = new StoredRows(randn(rows, 70), null);
            Tensor x = randn(count, 70), few = full([count, rows + 4], 7f), many = few.clone();
            RowProduct.Multiply(
                stored.Matrix, 0, rows, (float*)TensorMemory.Address(x), 70, count, (float*)TensorMemory.Address(few) + 2, rows + 4);
            PanelProduct.Multiply(stored.Matrix, (float*)TensorMemory.Address(x), count, (float*)TensorMemory.Address(many) + 2, rows + 4);
            foreach (Tensor y in new[] { few, many })
            {
                Tensor expected = x.to_type(ScalarType.Float64).matmul(stored.Weight.to_type(ScalarType.Float64).t());
                TensorChecks.Close(expected, y.narrow(1, 2, rows), 2e-6, $"{rows} rows");
                Assert.True(y.narrow(1, 0, 2).eq(7).all().ToBoolean() && y.narrow(1, rows + 2, 2).eq(7).all().ToBoolean(), $"{rows} rows");
            }
        }
    }

    [Fact]
    public void Every_half_is_widened_exactly()
    {
        using var scope = NewDisposeScope();
        Half[] halves = [.. Enumerable.Range(0, 1 << 16).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))];
        fixed (Half* from = halves)
        {
            Widen<Lanes128, Vector128<float>>((ushort*)from);
            if (Vector256.IsHardwareAccelerated)
                Widen<Lanes256, Vector256<float>>((ushort*)from);
            if (Vector512.IsHardwareAccelerated)
                Widen<Lanes512, Vector512<float>>((ushort*)from);
        }

        void Widen<TLanes, TVector>(ushort* from)
            where TLanes : ILanes<TVector>
        {
            float[] wide = new float[halves.Length];
            fixed (float* to = wide)
            {
                for (int i = 0; i < wide.Length; i += TLanes.Count)
                    TLanes.Store(TLanes.LoadFloat16(from + i), to + i);
            }

            for (int i = 0; i < wide.Length; i++)
                Assert.True(wide[i].Equals((float)halves[i]), $"{i:X}: {wide[i]}");
        }
    }

    [Fact]
    public void Rounding_to_bytes_is_off_by_half_a_step_of_the_row_at_most()
    {
        using var scope = NewDisposeScope();
        Tensor weight = randn(50, 77).to_type(ScalarType.BFloat16);
        weight[3].zero_();
        weight[4].mul_(1000);
        using StoredRows rounded = StoredRows.Rounded(weight.clone(), null);
        Tensor steps = weight.to_type(ScalarType.Float32).abs().amax([1], keepdim: true) / 127;
        Assert.True((rounded.Widen() - weight).abs().le((steps * 0.5001) + 1e-12).all().ToBoolean());
        weight[7, 7] = float.NaN;
        Assert.Throws<ArithmeticException>(() => StoredRows.Rounded(weight.clone(), null));
    }

    /// <summary>Few inputs and many, gradients, and weights side by side.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Every_way_of_a_layer_gives_the_same(ScalarType type)
    {
        using var scope = NewDisposeScope();
        // Wider than what is widened at a time.
        Tensor[] weights = [randn(3000, 520).to_type(type), randn(40, 520).to_type(type)], biases = [randn(3000), randn(40)];
        using RowsLinear linear = RowsLinear.Create([.. weights.Zip(biases, (weight, bias) => (weight.clone(), (Tensor?)bias.clone()))], int8: false);
        Tensor all = cat([.. weights.Select(weight => weight.to_type(ScalarType.Float64))]), bias = cat(biases);
        foreach (int count in new[] { 1, RowsLinear.MostInputs, RowsLinear.MostInputs + 1, 100 })
        {
            Tensor x = randn(count, 520), expected = x.to_type(ScalarType.Float64).matmul(all.t()) + bias;
            TensorChecks.Close(expected, linear.Forward(x), 2e-6, $"{count} inputs");
            TensorChecks.Close(expected, linear.ByPanels(x), 2e-6, $"{count} inputs, panels");
            TensorChecks.Close(expected, linear.ByLibtorch(x), 2e-6, $"{count} inputs, libtorch");
            TensorChecks.Close(expected, linear.Forward(x.t().contiguous().t()), 2e-6, $"{count} inputs in columns");
            TensorChecks.Close(expected.view(1, count, -1), linear.Forward(x.unsqueeze(0)), 2e-6, $"{count} inputs, three dimensions");
            using Tensor leaf = x.clone().requires_grad_();
            Tensor result = linear.Forward(leaf);
            TensorChecks.Close(expected, result.detach(), 2e-6, $"{count} inputs with gradients");
            result.sum().backward();
            TensorChecks.Close(all.sum([0]).unsqueeze(0).expand(count, 520), leaf.grad!, 2e-5, "gradients");
        }
    }

    private static List<(string Width, Tensor Result)> Products(StoredRows weight, Tensor x)
    {
        int count = (int)x.size(0), rows = weight.Matrix.Rows;
        List<(string Width, Tensor Result)> products =
        [
            // The first row alone as well: rows are taken in parts.
            ("this processor's width", Multiply(x, count, rows, (from, to) =>
            {
                RowProduct.Multiply(weight.Matrix, 0, 1, (float*)from, weight.Matrix.Columns, count, (float*)to, rows);
                RowProduct.Multiply(weight.Matrix, 1, rows, (float*)from, weight.Matrix.Columns, count, (float*)to, rows);
            })),
            .. Both<Lanes128, Vector128<float>>(weight, x, "128 bits"),
        ];
        if (Vector256.IsHardwareAccelerated)
            products.AddRange(Both<Lanes256, Vector256<float>>(weight, x, "256 bits"));
        if (Vector512.IsHardwareAccelerated)
            products.AddRange(Both<Lanes512, Vector512<float>>(weight, x, "512 bits"));
        return products;
    }

    private static (string Width, Tensor Result)[] Both<TLanes, TVector>(StoredRows weight, Tensor x, string width)
        where TLanes : ILanes<TVector>
    {
        (RowMatrix matrix, int count) = (weight.Matrix, (int)x.size(0));
        return
        [
            (width, Multiply(x, count, matrix.Rows, (from, to) =>
                RowProduct.Multiply<TLanes, TVector>(matrix, 0, matrix.Rows, (float*)from, matrix.Columns, count, (float*)to, matrix.Rows))),
            ($"{width}, panels", Multiply(x, count, matrix.Rows, (from, to) =>
                PanelProduct.Multiply<TLanes, TVector>(matrix, (float*)from, count, (float*)to, matrix.Rows))),
        ];
    }

    private static Tensor Multiply(Tensor x, int count, int rows, Action<nint, nint> product)
    {
        Tensor y = full([count, rows], float.NaN);
        product((nint)TensorMemory.Address(x), (nint)TensorMemory.Address(y));
        return y;
    }
}
