namespace RecursiveMas.Kernels;

/// <summary>A weight where it lies, and what belongs to it.</summary>
/// <param name="Format">How elements lie there.</param>
/// <param name="Data">[rows, columns], without gaps.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
/// <param name="Scales">[rows], factors of the rows; null for none.</param>
/// <param name="Bias">[rows], added to the products; null for none.</param>
internal readonly unsafe record struct RowMatrix(RowFormat Format, nint Data, int Rows, int Columns, nint Scales = 0, nint Bias = 0)
{
    /// <summary>Bytes of a row.</summary>
    public long RowBytes => (long)Columns * Format switch
    {
        RowFormat.Float32 => sizeof(float),
        RowFormat.Int8 => sizeof(sbyte),
        _ => sizeof(ushort),
    };
}

/// <summary>Weights of the same inputs, one below the other: their results stand side by side. Cut into units of rows that threads take.</summary>
internal sealed unsafe class RowStack
{
    // Long enough for a thread to read as one stream, and a multiple of the rows that kernels take at a time.
    private const long BytesOfUnit = 16 << 10;
    private const int RowsTogether = 3;

    private readonly RowMatrix[] _parts;
    private readonly int[] _units;

    public RowStack(RowMatrix[] parts)
    {
        _parts = parts;
        RowsOfUnit = (int)Math.Max(1, BytesOfUnit / (parts[0].RowBytes * RowsTogether)) * RowsTogether;
        _units = [.. parts.Select(part => (part.Rows + RowsOfUnit - 1) / RowsOfUnit)];
        (Inputs, Outputs, Units) = (parts[0].Columns, parts.Sum(part => part.Rows), _units.Sum());
    }

    public ReadOnlySpan<RowMatrix> Parts => _parts;

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>Rows of a unit; the last one of a part has what is left.</summary>
    public int RowsOfUnit { get; }

    public int Units { get; }

    /// <summary>Multiplies the rows of some units.</summary>
    /// <param name="first">The first unit.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="x">[count, inputs].</param>
    /// <param name="count">Number of inputs.</param>
    /// <param name="y">[count, outputs].</param>
    public void Multiply(int first, int end, float* x, int count, float* y)
    {
        int unit = 0, output = 0;
        for (int i = 0; i < _parts.Length; i++)
        {
            int from = Math.Max(first - unit, 0) * RowsOfUnit, to = Math.Min((end - unit) * RowsOfUnit, _parts[i].Rows);
            if (from < to)
                RowProduct.Multiply(_parts[i], from, to, x, Inputs, count, y + output, Outputs);
            unit += _units[i];
            output += _parts[i].Rows;
        }
    }
}
