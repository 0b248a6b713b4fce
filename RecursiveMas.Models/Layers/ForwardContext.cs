using RecursiveMas.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Layers;

/// <summary>Where a row lies in a forward call.</summary>
/// <param name="Start">First of its positions among those of the call.</param>
/// <param name="Length">New positions T.</param>
/// <param name="Past">Positions that it has read before.</param>
/// <param name="Cache">What it has read before; null for a row that is read alone.</param>
internal readonly record struct RowSpan(int Start, int Length, int Past, ModelCache? Cache);

/// <summary>What all layers of one forward call share: rows, masks and rotary angles, each made once and on demand.</summary>
internal sealed class ForwardContext : IDisposable
{
    private readonly ScalarType _dtype;
    private readonly Device _device;
    private readonly Dictionary<MaskKey, Tensor> _masks = [];
    private readonly List<(long[] Values, Tensor Tensor)> _numbers = [];
    private readonly List<(long[] Starts, long[] Counts, GatheredKeys Keys)> _gathered = [];
    private readonly Dictionary<RotaryEmbedding, RotaryAngles> _angles = [];
    private readonly Dictionary<RotaryEmbedding, AngleTable> _tables = [];
    private readonly RowSpan[] _rows;

    /// <param name="rows">The rows, one after another.</param>
    /// <param name="dtype">Element type of activations.</param>
    /// <param name="device">Device of activations.</param>
    /// <param name="kernels">Whether managed kernels may take part.</param>
    public ForwardContext(IReadOnlyList<ForwardRow> rows, ScalarType dtype, Device device, bool kernels)
    {
        (_dtype, _device, UseKernels) = (dtype, device, kernels);
        _rows = new RowSpan[rows.Count];
        for (int i = 0; i < _rows.Length; i++)
        {
            _rows[i] = new RowSpan(Positions, rows[i].Length, rows[i].Cache?.Length ?? 0, rows[i].Cache);
            Positions += rows[i].Length;
        }
    }

    private readonly record struct MaskKey(int Length, int Past, int? Window, int FirstKey);

    /// <summary>New positions of all rows, N.</summary>
    public int Positions { get; }

    /// <summary>Whether managed kernels may take part: on a CPU, in an element type that they know, and where no gradient has to flow.</summary>
    public bool UseKernels { get; }

    public ReadOnlySpan<RowSpan> Rows => _rows;

    /// <summary>Angles of a rotary embedding at the new positions, as tensors.</summary>
    public RotaryAngles Angles(RotaryEmbedding rotary)
    {
        if (!_angles.TryGetValue(rotary, out RotaryAngles angles))
        {
            using var scope = NewDisposeScope();
            angles = rotary.At(Numbers([.. _rows.SelectMany(row => Enumerable.Range(row.Past, row.Length)).Select(position => (long)position)]), _dtype);
            // Made inside some layer's scope, needed by all.
            angles.Cos.DetachFromDisposeScope();
            angles.SignedSin.DetachFromDisposeScope();
            _angles.Add(rotary, angles);
        }

        return angles;
    }

    /// <summary>The same as plain numbers, for kernels.</summary>
    public AngleTable Table(RotaryEmbedding rotary)
    {
        if (!_tables.TryGetValue(rotary, out AngleTable? table))
            _tables.Add(rotary, table = rotary.Table(_rows, Positions, _dtype));
        return table;
    }

    /// <summary>Which keys the new positions of a row may see.</summary>
    /// <param name="row">The row.</param>
    /// <param name="window">Width of the sliding window, itself included; null for none.</param>
    /// <param name="firstKey">Position of the first key that is at hand.</param>
    /// <returns>[T, S] bool.</returns>
    public Tensor Mask(in RowSpan row, int? window, int firstKey)
    {
        var key = new MaskKey(row.Length, row.Past, window, firstKey);
        if (!_masks.TryGetValue(key, out Tensor? mask))
        {
            using var scope = NewDisposeScope();
            Tensor queryAt = Range(row.Past, row.Past + row.Length).unsqueeze(1); // [T, 1]
            Tensor keyAt = Range(firstKey, row.Past + row.Length).unsqueeze(0); // [1, S]
            mask = keyAt <= queryAt; // [T, S]
            if (window is { } width)
                mask = mask.logical_and(keyAt > Range(row.Past - width, row.Past + row.Length - width).unsqueeze(1));
            _masks.Add(key, mask.DetachFromDisposeScope());
        }

        return mask;
    }

    /// <summary>Numbers on the device, int64. Layers that ask for the same ones get the same tensor, as what comes from the host is waited for.</summary>
    public Tensor Numbers(long[] values)
    {
        foreach ((long[] known, Tensor there) in _numbers)
        {
            if (known.AsSpan().SequenceEqual(values))
                return there;
        }

        Tensor made = tensor(values, int64, _device).DetachFromDisposeScope();
        _numbers.Add((values, made));
        return made;
    }

    /// <summary>Where the keys of rows lie in a pool, for rows with one new position each, which sees them all.</summary>
    /// <param name="starts">Place of the first key of each row.</param>
    /// <param name="counts">Keys of each row, at least 1.</param>
    public GatheredKeys Gathered(long[] starts, long[] counts)
    {
        foreach ((long[] knownStarts, long[] knownCounts, GatheredKeys keys) in _gathered)
        {
            if (knownStarts.AsSpan().SequenceEqual(starts) && knownCounts.AsSpan().SequenceEqual(counts))
                return keys;
        }

        var made = GatheredKeys.Create(Numbers([.. starts.Select(start => start - 1), .. counts]).view(2, -1, 1), counts.Max(), _dtype);
        _gathered.Add((starts, counts, made));
        return made;
    }

    private Tensor Range(int from, int end) => Numbers([.. Enumerable.Range(from, end - from).Select(value => (long)value)]);

    public void Dispose()
    {
        foreach (Tensor mask in _masks.Values)
            mask.Dispose();
        foreach ((_, Tensor there) in _numbers)
            there.Dispose();
        foreach ((_, _, GatheredKeys keys) in _gathered)
            keys.Dispose();
        foreach (RotaryAngles angles in _angles.Values)
        {
            angles.Cos.Dispose();
            angles.SignedSin.Dispose();
        }
    }
}
