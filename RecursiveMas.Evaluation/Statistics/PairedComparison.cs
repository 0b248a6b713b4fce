using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace RecursiveMas;

/// <summary>Two runs on the same questions, compared question by question: only those that one of them got right and the other wrong tell them apart.</summary>
public sealed record PairedComparison
{
    private PairedComparison()
    {
    }

    /// <summary>Questions that both got right.</summary>
    public required int BothRight { get; init; }

    /// <summary>Questions that only the first run got right.</summary>
    public required int OnlyFirst { get; init; }

    /// <summary>Questions that only the second run got right.</summary>
    public required int OnlySecond { get; init; }

    /// <summary>Questions that neither got right.</summary>
    public required int BothWrong { get; init; }

    /// <summary>Accuracy of the second run less that of the first, -1 to 1.</summary>
    public required double Difference { get; init; }

    /// <summary>Bootstrap interval of <see cref="Difference"/>, 95 %.</summary>
    public required ConfidenceInterval Interval { get; init; }

    /// <summary>All questions.</summary>
    public int Total => BothRight + OnlyFirst + OnlySecond + BothWrong;

    /// <summary>McNemar's exact test, two-sided: how likely so uneven a split, or a more uneven one, is between two equal runs.</summary>
    public double ExactP => Discordant == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, Discordant, Math.Min(OnlyFirst, OnlySecond)));

    /// <summary>The same with half the weight for the split itself, which is less cautious.</summary>
    public double MidP => OnlyFirst == OnlySecond
        ? 1 - (Discordant == 0 ? 0 : Binomial.PMF(0.5, Discordant, OnlyFirst) / 2)
        : Math.Min(1, 2 * Binomial.CDF(0.5, Discordant, Math.Min(OnlyFirst, OnlySecond))) - Binomial.PMF(0.5, Discordant, OnlyFirst);

    /// <summary>McNemar's chi-squared statistic with continuity correction, one degree of freedom; 0 where nothing differs.</summary>
    public double ChiSquared => Discordant == 0 ? 0 : Math.Pow(Math.Max(0, Math.Abs(OnlyFirst - OnlySecond) - 1), 2) / Discordant;

    /// <summary>The p-value of <see cref="ChiSquared"/>; good for 25 discordant questions and more.</summary>
    public double ChiSquaredP => SpecialFunctions.Erfc(Math.Sqrt(ChiSquared / 2));

    private int Discordant => OnlyFirst + OnlySecond;

    /// <summary>Compares two runs.</summary>
    /// <param name="first">Whether each question was right in the first run.</param>
    /// <param name="second">The same of the second run, in the same order.</param>
    /// <param name="seed">Seed of the bootstrap. Default: 0.</param>
    /// <exception cref="InvalidOptionException">There are no questions, or not as many in both runs.</exception>
    public static PairedComparison Of(IReadOnlyList<bool> first, IReadOnlyList<bool> second, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Count != second.Count || first.Count == 0)
        {
            throw new InvalidOptionException(
                nameof(second),
                $"there are {first.Count} questions in the first run and {second.Count} in the second. Compare runs on the same questions, at least one.");
        }

        (bool First, bool Second)[] pairs = [.. first.Zip(second)];
        double[] differences = [.. pairs.Select(pair => (pair.Second ? 1.0 : 0) - (pair.First ? 1.0 : 0))];
        return new PairedComparison
        {
            BothRight = pairs.Count(pair => pair is (true, true)),
            OnlyFirst = pairs.Count(pair => pair is (true, false)),
            OnlySecond = pairs.Count(pair => pair is (false, true)),
            BothWrong = pairs.Count(pair => pair is (false, false)),
            Difference = differences.Average(),
            Interval = Bootstrap.Mean(differences, seed: seed),
        };
    }
}
