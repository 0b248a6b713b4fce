using System.Globalization;

namespace RecursiveMas.Benchmarks;

/// <summary>Measurements of several processes as a cell of a table.</summary>
internal static class Spread
{
    /// <summary>Median, least and largest.</summary>
    public static string Of(IEnumerable<double> values, string format = "0.0")
    {
        double[] all = [.. values];
        return $"{Text(SideBySide.Median(all), format)} ({Text(all.Min(), format)}-{Text(all.Max(), format)})";
    }

    /// <summary>The same of the ratios of pairs.</summary>
    public static string OfRatios(IEnumerable<double> over, IEnumerable<double> under, string format = "0.00") =>
        Of(over.Zip(under, (a, b) => a / b), format);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
