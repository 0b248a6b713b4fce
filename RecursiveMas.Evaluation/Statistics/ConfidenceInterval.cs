using System.Globalization;

namespace RecursiveMas;

/// <summary>A range that holds the true value with a certain probability.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct ConfidenceInterval(double Low, double High)
{
    /// <summary>The usual probability.</summary>
    public const double Usual = 0.95;

    /// <summary>Both ends in per cent, with one digit.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{100 * Low:0.0} to {100 * High:0.0}");

    /// <exception cref="InvalidOptionException">It is no probability between 0 and 1.</exception>
    internal static double Check(double confidence) => confidence is > 0 and < 1
        ? confidence
        : throw new InvalidOptionException(nameof(confidence), "lies outside of 0 to 1. 0.95 is usual.");
}
