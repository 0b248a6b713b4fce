using RecursiveMas.Catalogue;
using RecursiveMas.Checks;

namespace RecursiveMas.Loading;

/// <summary>Refuses options that no system could be loaded with, by their names. What depends on the system is checked where that is known.</summary>
internal static class OptionCheck
{
    /// <exception cref="InvalidOptionException">An option is null, empty or out of range.</exception>
    public static void Require(MasOptions options)
    {
        NotEmpty(options.Style, nameof(MasOptions.Style), $"Name a system, or leave it null. Known: {StyleCatalogue.Names}.");
        NotEmpty(options.Folder, nameof(MasOptions.Folder), "Name a folder, or leave it null to use the local hub cache.");
        Given.Defined(options.Dtype ?? ModelDtype.Auto, nameof(MasOptions.Dtype));
        Given.Defined(options.Download, nameof(MasOptions.Download));
        Given.Defined(options.LinkDtype, nameof(MasOptions.LinkDtype));
        Given.Defined(options.Compatibility, nameof(MasOptions.Compatibility));
        NotNull(options.Residency, nameof(MasOptions.Residency));
        Given.AtLeast(0, options.MaxQueue ?? 0, nameof(MasOptions.MaxQueue));
        NotNull(options.Steps, nameof(MasOptions.Steps));
        NotNull(options.Clock, nameof(MasOptions.Clock));
        NotNull(options.AgentDevices, nameof(MasOptions.AgentDevices));
        NotNull(options.AgentDtypes, nameof(MasOptions.AgentDtypes));
        DeviceNames.Parse(options.Device);
        foreach (string device in options.AgentDevices.Values)
            DeviceNames.Parse(device, nameof(MasOptions.AgentDevices));
        foreach (ModelDtype dtype in options.AgentDtypes.Values)
            Given.Defined(dtype, nameof(MasOptions.AgentDtypes));
    }

    /// <exception cref="InvalidOptionException">The text is empty. Null is not.</exception>
    public static void NotEmpty(string? text, string option, string remedy)
    {
        if (text is not null && string.IsNullOrWhiteSpace(text))
            throw new InvalidOptionException(option, $"is empty. {remedy}");
    }

    private static void NotNull(object? value, string option)
    {
        if (value is null)
            throw new InvalidOptionException(option, "is null. Leave the option out for its default.");
    }
}
