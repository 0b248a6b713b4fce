using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>Intervals without assumptions about how values are distributed, by drawing from the values themselves again and again.</summary>
public static class Bootstrap
{
    private const int Resamples = 10_000;

    // Of more different values the tables would be larger than what they save.
    private const int MostGroups = 40;

    /// <summary>The percentile interval of a mean. The same values and seed give the same interval.</summary>
    /// <param name="values">
    /// One value a question, at least one: its share of right answers, or the difference between two runs. Answers to one question are no independent draws.
    /// </param>
    /// <param name="confidence">Probability that the interval holds the true mean. Default: 0.95.</param>
    /// <param name="seed">Seed of the draws. Default: 0.</param>
    /// <exception cref="InvalidOptionException">There are no values, one of them is no number, or the probability lies outside of 0 to 1.</exception>
    public static ConfidenceInterval Mean(IReadOnlyList<double> values, double confidence = ConfidenceInterval.Usual, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(values);
        Given.AtLeast(1, values.Count, nameof(values));
        if (!values.All(double.IsFinite))
            throw new InvalidOptionException(nameof(values), "one of them is no finite number.");
        double tail = (1 - ConfidenceInterval.Check(confidence)) / 2;
        // Few different values occur, and drawing how often each does is as good as drawing every question.
        (double Value, int Count)[] groups = [.. values.GroupBy(value => value).OrderBy(group => group.Key).Select(group => (group.Key, group.Count()))];
        double[] sorted = groups.Length > MostGroups ? [.. values.Order()] : [];
        var random = new Random(seed);
        double[] means = new double[Resamples];
        var tables = new Dictionary<(int Group, int Left), double[]>();
        for (int i = 0; i < Resamples; i++)
            means[i] = (groups.Length > MostGroups ? Draw(sorted, random) : Draw(groups, values.Count, random, tables)) / values.Count;
        Array.Sort(means);
        return new ConfidenceInterval(At(means, tail), At(means, 1 - tail));
    }

    /// <summary>The sum of as many values as there are questions, drawn one by one.</summary>
    private static double Draw(double[] values, Random random)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
            sum += values[random.Next(values.Length)];
        return sum;
    }

    /// <summary>The sum of as many values as there are questions: how often each value occurs is multinomial.</summary>
    private static double Draw((double Value, int Count)[] groups, int total, Random random, Dictionary<(int Group, int Left), double[]> tables)
    {
        double sum = 0;
        int left = total, weight = total;
        for (int i = 0; i < groups.Length && left > 0; i++)
        {
            int drawn = i == groups.Length - 1 ? left : Binomially(i, left, (double)groups[i].Count / weight, random, tables);
            sum += drawn * groups[i].Value;
            left -= drawn;
            weight -= groups[i].Count;
        }

        return sum;
    }

    /// <summary>How many of those that are left fall to a group. The same numbers come again and again, and so do their tables.</summary>
    private static int Binomially(int group, int left, double share, Random random, Dictionary<(int Group, int Left), double[]> tables)
    {
        if (!tables.TryGetValue((group, left), out double[]? upTo))
        {
            upTo = new double[left + 1];
            for (int k = 0; k <= left; k++)
                upTo[k] = (k == 0 ? 0 : upTo[k - 1]) + MathNet.Numerics.Distributions.Binomial.PMF(share, left, k);
            tables.Add((group, left), upTo);
        }

        int place = Array.BinarySearch(upTo, random.NextDouble() * upTo[^1]);
        return Math.Min(place < 0 ? ~place : place + 1, left);
    }

    private static double At(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }
}
