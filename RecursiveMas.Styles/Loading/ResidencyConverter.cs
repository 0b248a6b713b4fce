using System.ComponentModel;
using System.Globalization;

namespace RecursiveMas.Loading;

/// <summary>Reads a residency from the text of a configuration: "All", "OneAtATime", or the budget in bytes.</summary>
internal sealed class ResidencyConverter : TypeConverter
{
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
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            ? ModelResidency.Budget(bytes)
            : throw new InvalidOptionException(
                nameof(MasOptions.Residency),
                $"'{text}' is no residency. Write {nameof(ModelResidency.All)}, {nameof(ModelResidency.OneAtATime)} or a number of bytes.");
    }
}
