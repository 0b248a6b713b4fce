using System.ComponentModel;
using System.Globalization;

namespace RecursiveMas.Loading;

/// <summary>Reads a residency from the text of a configuration: "All", "OneAtATime", or a budget such as 6GB, 512MiB or a number of bytes.</summary>
internal sealed class ResidencyConverter : TypeConverter
{
    private static readonly (string Unit, long Bytes)[] s_units =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("", 1)];

    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    /// <exception cref="InvalidOptionException">The text is none of them.</exception>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value)
    {
        if (value is not string text)
            return base.ConvertFrom(context, culture, value);
        if (text.Equals(nameof(ModelResidency.All), StringComparison.OrdinalIgnoreCase))
            return ModelResidency.All;
        if (text.Equals(nameof(ModelResidency.OneAtATime), StringComparison.OrdinalIgnoreCase))
            return ModelResidency.OneAtATime;
        (string unit, long size) = s_units.First(entry => text.EndsWith(entry.Unit, StringComparison.OrdinalIgnoreCase));
        ReadOnlySpan<char> number = text.AsSpan(0, text.Length - unit.Length).Trim();
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal count)
            && count <= long.MaxValue / size
            ? ModelResidency.Budget((long)(count * size))
            : throw new InvalidOptionException(
                nameof(MasOptions.Residency),
                $"'{text}' is no residency. Write {nameof(ModelResidency.All)}, {nameof(ModelResidency.OneAtATime)} or a size such as 6GB or 512MiB.");
    }
}
