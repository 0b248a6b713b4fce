using System.Globalization;

namespace RecursiveMas;

/// <summary>Sizes as people read them.</summary>
public static class ByteText
{
    private static readonly string[] s_units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>For example "9.05 GB": three digits, units of a thousand.</summary>
    /// <param name="bytes">The size.</param>
    public static string Of(long bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 999.5 && unit < s_units.Length - 1; unit++)
            value /= 1000;
        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {s_units[unit]}";
    }
}
