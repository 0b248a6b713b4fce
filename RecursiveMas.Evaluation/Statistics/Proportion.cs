using MathNet.Numerics.Distributions;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>A number of successes among so many: an accuracy, or any other rate.</summary>
/// <param name="Successes">Successes, from 0.</param>
/// <param name="Total">All of them, successes included.</param>
public readonly record struct Proportion(int Successes, int Total)
{
    /// <summary>Successes.</summary>
    /// <exception cref="InvalidOptionException">Less than 0, or more than there are.</exception>
    public int Successes { get; } = Given.AtLeast(0, Successes, nameof(Successes)) <= Total
        ? Successes
        : throw new InvalidOptionException(nameof(Successes), $"{Successes} are more than all {Total}.");

    /// <summary>The share of successes, 0 to 1; 0 of nothing.</summary>
    public double Rate => Total == 0 ? 0 : (double)Successes / Total;

    /// <summary>Wilson's score interval, which is good for small numbers and for rates near 0 and 1, too.</summary>
    /// <param name="confidence">Probability that it holds the true rate. Default: 0.95.</param>
    /// <exception cref="InvalidOptionException">The probability lies outside of 0 to 1.</exception>
    public ConfidenceInterval Wilson(double confidence = ConfidenceInterval.Usual)
    {
        double z = Normal.InvCDF(0, 1, 1 - ((1 - ConfidenceInterval.Check(confidence)) / 2));
        if (Total == 0)
            return new ConfidenceInterval(0, 1);
        double n = Total, rate = Rate, denominator = 1 + (z * z / n);
        double middle = (rate + (z * z / (2 * n))) / denominator;
        double half = z / denominator * Math.Sqrt((rate * (1 - rate) / n) + (z * z / (4 * n * n)));
        return new ConfidenceInterval(Successes == 0 ? 0 : Math.Max(0, middle - half), Successes == Total ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>Clopper and Pearson's interval: never too narrow, and wider than <see cref="Wilson"/>'s.</summary>
    /// <param name="confidence">Probability that it holds the true rate, at least. Default: 0.95.</param>
    /// <exception cref="InvalidOptionException">The probability lies outside of 0 to 1.</exception>
    public ConfidenceInterval Exact(double confidence = ConfidenceInterval.Usual)
    {
        double tail = (1 - ConfidenceInterval.Check(confidence)) / 2;
        return new ConfidenceInterval(
            Successes == 0 ? 0 : Beta.InvCDF(Successes, Total - Successes + 1, tail),
            Successes == Total ? 1 : Beta.InvCDF(Successes + 1, Total - Successes, 1 - tail));
    }
}
