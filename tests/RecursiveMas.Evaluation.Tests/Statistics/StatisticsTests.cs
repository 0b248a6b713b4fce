using Xunit;

namespace RecursiveMas.Evaluation.Tests.Statistics;

/// <summary>Against values that others have published or that were counted in full.</summary>
public sealed class StatisticsTests
{
    /// <summary>Table I of R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998).</summary>
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662, 0.2527, 0.3676)]
    [InlineData(15, 148, 0.0624, 0.1605, 0.0578, 0.1617)]
    [InlineData(0, 20, 0.0000, 0.1611, 0.0000, 0.1684)]
    [InlineData(1, 29, 0.0061, 0.1718, 0.0009, 0.1776)]
    public void Intervals_are_the_published_ones(int successes, int total, double wilsonLow, double wilsonHigh, double exactLow, double exactHigh)
    {
        var proportion = new Proportion(successes, total);
        Assert.Equal((wilsonLow, wilsonHigh), Rounded(proportion.Wilson()));
        Assert.Equal((exactLow, exactHigh), Rounded(proportion.Exact()));
        // All failures for successes: the same interval from the other end.
        var other = new Proportion(total - successes, total);
        Assert.Equal(1 - proportion.Wilson().Low, other.Wilson().High, 12);
        Assert.Equal(1 - proportion.Exact().Low, other.Exact().High, 9);
        Assert.True(proportion.Wilson(0.99).High > proportion.Wilson().High);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    public void An_interval_covers_the_true_rate_about_as_often_as_it_says(int total)
    {
        // Weighted by how often each outcome occurs, over many true rates: no sampling.
        double wilson = 0, exact = 1, count = 0;
        for (double rate = 0.05; rate < 0.96; rate += 0.01, count++)
        {
            double Covered(Func<Proportion, ConfidenceInterval> interval) => Enumerable.Range(0, total + 1)
                .Where(k => interval(new Proportion(k, total)) is var found && found.Low <= rate && rate <= found.High)
                .Sum(k => Choose(total, k) * Math.Pow(rate, k) * Math.Pow(1 - rate, total - k));

            wilson += Covered(proportion => proportion.Wilson());
            exact = Math.Min(exact, Covered(proportion => proportion.Exact()));
        }

        Assert.InRange(wilson / count, 0.94, 0.97);
        Assert.InRange(exact, 0.95, 1);
    }

    [Fact]
    public void Nothing_says_nothing()
    {
        var nothing = new Proportion(0, 0);
        Assert.Equal(0, nothing.Rate);
        Assert.Equal(new ConfidenceInterval(0, 1), nothing.Wilson());
        Assert.Equal(new ConfidenceInterval(0, 1), nothing.Exact());
        Assert.Throws<InvalidOptionException>(() => new Proportion(2, 1));
        Assert.Throws<InvalidOptionException>(() => new Proportion(-1, 1));
        Assert.Throws<InvalidOptionException>(() => nothing.Wilson(1));
    }

    /// <summary>The airway hyper-responsiveness data in M. W. Fagerland et al., BMC Medical Research Methodology 13:91 (2013).</summary>
    [Fact]
    public void McNemars_test_is_the_published_one()
    {
        PairedComparison compared = PairedComparison.Of(Pairs(1, 7, 1, 12).First, Pairs(1, 7, 1, 12).Second);
        Assert.Equal((1, 1, 7, 12, 21), (compared.BothRight, compared.OnlyFirst, compared.OnlySecond, compared.BothWrong, compared.Total));
        Assert.Equal(0.0703, compared.ExactP, 4);
        Assert.Equal(0.0391, compared.MidP, 4);
        Assert.Equal(3.125, compared.ChiSquared, 12);
        Assert.Equal(0.0771, compared.ChiSquaredP, 4);
        Assert.Equal(6.0 / 21, compared.Difference, 12);
    }

    [Fact]
    public void McNemars_exact_test_counts_every_split()
    {
        for (int first = 0; first <= 8; first++)
        {
            for (int second = 0; second <= 8; second++)
            {
                int discordant = first + second;
                double wanted = Math.Min(1, 2 * Enumerable.Range(0, Math.Min(first, second) + 1).Sum(k => Choose(discordant, k) / Math.Pow(2, discordant)));
                (bool[] one, bool[] other) = Pairs(3, second, first, 2);
                PairedComparison compared = PairedComparison.Of(one, other);
                Assert.Equal(1, compared.ExactP / wanted, 9);
                // Every split that is less likely counts in full, the ones that are as likely by half.
                double seen = Choose(discordant, first), splits = Math.Pow(2, discordant);
                double mid = Enumerable.Range(0, discordant + 1).Select(k => Choose(discordant, k))
                    .Sum(one => one < seen ? one : one == seen ? one / 2 : 0) / splits;
                Assert.Equal(discordant == 0 ? 1 : mid, compared.MidP, 9);
                Assert.InRange(compared.Difference, compared.Interval.Low, compared.Interval.High);
            }
        }
    }

    [Fact]
    public void A_bootstrap_interval_is_that_of_theory_and_repeatable()
    {
        // The mean of 400 values: the standard error is the deviation over 20.
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i % 5 / 4.0)];
        double mean = values.Average(), error = Math.Sqrt(values.Average(value => (value - mean) * (value - mean))) / 20;
        ConfidenceInterval interval = Bootstrap.Mean(values);
        Assert.Equal(mean - (1.96 * error), interval.Low, 0.1 * error);
        Assert.Equal(mean + (1.96 * error), interval.High, 0.1 * error);
        Assert.Equal(interval, Bootstrap.Mean([.. values.Reverse()]));
        Assert.NotEqual(interval, Bootstrap.Mean(values, seed: 1));
        Assert.Equal(new ConfidenceInterval(0.5, 0.5), Bootstrap.Mean([0.5, 0.5]));
        Assert.Throws<InvalidOptionException>(() => Bootstrap.Mean([]));
        Assert.Throws<InvalidOptionException>(() => Bootstrap.Mean([0.5, double.NaN]));
    }

    [Fact]
    public void Values_that_all_differ_have_an_interval_too()
    {
        double[] values = [.. Enumerable.Range(0, 2000).Select(i => i * 0.001)];
        double mean = values.Average(), error = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)) / values.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ConfidenceInterval interval = Bootstrap.Mean(values);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Equal(mean - (1.96 * error), interval.Low, 0.1 * error);
        Assert.Equal(mean + (1.96 * error), interval.High, 0.1 * error);
    }

    [Theory]
    [InlineData(10, 3, 1, 0.3)]
    [InlineData(10, 3, 10, 1)]
    [InlineData(10, 0, 10, 0)]
    [InlineData(5, 2, 2, 0.7)]
    [InlineData(5, 4, 2, 1)]
    public void Pass_at_k_is_the_share_of_draws_with_a_right_one(int answers, int right, int k, double wanted) =>
        Assert.Equal(wanted, PassAtK.Estimate(answers, right, k), 12);

    [Fact]
    public void Pass_at_k_refuses_what_cannot_be()
    {
        Assert.Throws<InvalidOptionException>(() => PassAtK.Estimate(1, 1, 2));
        Assert.Throws<InvalidOptionException>(() => PassAtK.Estimate(1, 2, 1));
        Assert.Throws<InvalidOptionException>(() => PairedComparison.Of([true], [true, false]));
        Assert.Throws<InvalidOptionException>(() => PairedComparison.Of([], []));
    }

    private static (double, double) Rounded(ConfidenceInterval interval) => (Math.Round(interval.Low, 4), Math.Round(interval.High, 4));

    private static (bool[] First, bool[] Second) Pairs(int both, int second, int first, int neither) =>
        ([.. Repeat(both, true), .. Repeat(second, false), .. Repeat(first, true), .. Repeat(neither, false)],
            [.. Repeat(both, true), .. Repeat(second, true), .. Repeat(first, false), .. Repeat(neither, false)]);

    private static IEnumerable<bool> Repeat(int count, bool value) => Enumerable.Repeat(value, count);

    private static double Choose(int n, int k) => Enumerable.Range(1, k).Aggregate(1.0, (product, i) => product * (n - k + i) / i);
}
