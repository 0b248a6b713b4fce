using System.Numerics;

namespace RecursiveMas.Generation.Sampling;

/// <summary>
/// The ids that survive all filters, in ascending order, with weights in proportion to their probabilities. Valid until the next row is filtered.
/// </summary>
internal readonly ref struct Candidates(ReadOnlySpan<int> ids, ReadOnlySpan<float> weights)
{
    public ReadOnlySpan<int> Ids { get; } = ids;

    public ReadOnlySpan<float> Weights { get; } = weights;
}

/// <summary>
/// Temperature, top-k, top-p and min-p over one row in a few passes, sorting only entries at a border.
/// Same results as the filters of SamplingFilters.cs, which it is tested against. Keeps its buffers, so one instance must not be used concurrently.
/// </summary>
internal sealed class CandidateFilter(SamplingPlan plan)
{
    private readonly float _temperature = (float)plan.Temperature;
    private readonly double[] _mass = new double[2048];
    private float[] _largest = [];
    private float[] _scores = [];
    private float[] _weights = [];
    private int[] _ids = [];
    private ulong[] _order = [];

    /// <summary>The largest score of a row after temperature; NaN if any score is NaN.</summary>
    public float Largest(ReadOnlySpan<float> row) => VectorMath.Largest(row) / _temperature;

    /// <param name="row">Scores before temperature.</param>
    /// <param name="ids">Ids of the scores, ascending; empty if they are 0, 1, 2...</param>
    /// <param name="largest">What <see cref="Largest"/> says of the row; must be finite.</param>
    public Candidates Filter(ReadOnlySpan<float> row, ReadOnlySpan<int> ids, float largest)
    {
        Grow(row.Length);
        int count;
        if (plan.TopK > 0 && plan.TopK < row.Length)
        {
            count = CollectTopK(row, ids);
            VectorMath.ExpOfDifference(_scores.AsSpan(0, count), largest, _weights);
        }
        else
        {
            count = row.Length;
            VectorMath.Divide(row, _temperature, _scores);
            VectorMath.ExpOfDifference(_scores.AsSpan(0, count), largest, _weights);
            for (int i = 0; i < count; i++)
                _ids[i] = ids.IsEmpty ? i : ids[i];
        }

        if (plan.TopP < 1)
            count = TopP(count, largest);
        if (plan.MinP is { } fraction)
            count = MinP(count, fraction);
        return new Candidates(_ids.AsSpan(0, count), _weights.AsSpan(0, count));
    }

    // Temperature first: its rounding can make or break ties at the border.
    private int CollectTopK(ReadOnlySpan<float> row, ReadOnlySpan<int> ids)
    {
        float border = VectorMath.KthLargest(row, plan.TopK, ref _largest) / _temperature;
        var borders = new Vector<float>(border);
        var temperatures = new Vector<float>(_temperature);
        int count = 0, i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            if (Vector.GreaterThanOrEqualAny(new Vector<float>(row[i..]) / temperatures, borders))
                Collect(row, ids, i, i + Vector<float>.Count);
        }

        Collect(row, ids, i, row.Length);
        return count;

        void Collect(ReadOnlySpan<float> row, ReadOnlySpan<int> ids, int from, int to)
        {
            for (int j = from; j < to; j++)
            {
                float score = row[j] / _temperature;
                if (score < border || score == float.NegativeInfinity)
                    continue;
                _ids[count] = ids.IsEmpty ? j : ids[j];
                _scores[count++] = score;
            }
        }
    }

    // Sorts only the slice of scores in which the cumulative sum crosses 1 - p; slices keep the order of scores.
    private int TopP(int count, float largest)
    {
        float total = (float)Sum(count), limit = (float)(1 - plan.TopP);
        Array.Clear(_mass);
        for (int i = 0; i < count; i++)
            _mass[Slice(_scores[i], largest)] += _weights[i] / total;

        double cumulative = 0;
        int border = _mass.Length - 1; // the last slice holds the smallest scores
        for (; border > 0 && (float)(cumulative + _mass[border]) <= limit; border--)
            cumulative += _mass[border];

        int above = 0, open = 0;
        for (int i = 0; i < count; i++)
        {
            int slice = Slice(_scores[i], largest);
            if (slice > border)
                continue;
            Move(i, above);
            if (slice == border)
                _order[open++] = AscendingKey(_scores[above], above);
            above++;
        }

        Array.Sort(_order, 0, open);
        int first = 0;
        for (; first < open - 1; first++)
        {
            cumulative += _weights[(int)(uint)_order[first]] / total;
            if ((float)cumulative > limit)
                break;
        }

        ulong smallest = _order[first];
        int kept = 0;
        for (int i = 0; i < above; i++)
        {
            if (Slice(_scores[i], largest) < border || AscendingKey(_scores[i], i) >= smallest)
                Move(i, kept++);
        }

        return kept;
    }

    private int MinP(int count, double fraction)
    {
        float total = (float)Sum(count), border = (float)fraction * (1 / total); // the largest weight is 1
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (_weights[i] / total >= border)
                Move(i, kept++);
        }

        return kept;
    }

    /// <summary>Number of the 64th part of a unit by which a score lies below the largest.</summary>
    private int Slice(float score, float largest)
    {
        float distance = (largest - score) * 64;
        return distance < _mass.Length - 1 ? (int)distance : _mass.Length - 1;
    }

    /// <summary>Orders by score, equal scores by position, as a stable sort does.</summary>
    private static ulong AscendingKey(float score, int position)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f); // makes -0 and 0 equal
        bits ^= (bits & 0x80000000) != 0 ? 0xFFFFFFFF : 0x80000000;
        return ((ulong)bits << 32) | (uint)position;
    }

    private void Move(int from, int to) => (_ids[to], _scores[to], _weights[to]) = (_ids[from], _scores[from], _weights[from]);

    private double Sum(int count) => VectorMath.Sum(_weights.AsSpan(0, count));

    private void Grow(int length)
    {
        if (_ids.Length >= length)
            return;
        _ids = new int[length];
        _scores = new float[length];
        _weights = new float[length];
        _order = new ulong[length];
    }
}
