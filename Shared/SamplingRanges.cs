using System.Globalization;

namespace RecursiveMas.Shared;

/// <summary>A range of allowed values and how it reads in a message.</summary>
internal sealed record SamplingRange(Func<double, bool> Holds, string Allowed)
{
    public string Refusal(double value) => string.Create(CultureInfo.InvariantCulture, $"{value} is not possible; give {Allowed}.");

    public double? Check(string option, double? value) => value is not { } v || Holds(v) ? value : throw new InvalidOptionException(option, Refusal(v));

    public int? Check(string option, int? value) => (int?)Check(option, (double?)value);
}

/// <summary>Allowed values of the sampling parameters.</summary>
internal static class SamplingRanges
{
    public static readonly SamplingRange Temperature = new(
        IsPositive,
        "a number that float32 can hold, greater than 0 (for the most probable token set DoSample to false)");
    public static readonly SamplingRange TopP = new(v => v is >= 0 and <= 1, "a number from 0 to 1");
    public static readonly SamplingRange TopK = new(v => v >= 0, "0 (all tokens) or a positive number");
    public static readonly SamplingRange MinP = new(v => v is >= 0 and <= 1, "a number from 0 to 1");
    public static readonly SamplingRange RepetitionPenalty = new(IsPositive, "a number that float32 can hold, greater than 0 (1 does nothing)");
    public static readonly SamplingRange Count = new(v => v >= 0, "0 or a positive number");

    // Judged as the float32 that scores are divided by.
    private static bool IsPositive(double value) => (float)value > 0 && float.IsFinite((float)value);
}
