using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RecursiveMas.Catalogue;
using RecursiveMas.Loading;

namespace RecursiveMas.DependencyInjection;

/// <summary>Judges options when a host starts or first asks for them; every option that is wrong is named.</summary>
internal sealed class MasOptionsValidator(IServiceProvider services) : IValidateOptions<MasOptions>
{
    public ValidateOptionsResult Validate(string? name, MasOptions options)
    {
        StyleDefinition? definition = services.GetKeyedService<MasRegistration>(name)?.Definition;
        List<RecursiveMasException> faults = [.. OptionCheck.Find(options)];
        // Names can be judged once what bears them is there.
        if (faults.Count == 0)
            faults.AddRange(OfSystem(options, definition));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.Select(fault => $"{nameof(MasOptions)}.{fault.Message}"));
    }

    private static IEnumerable<RecursiveMasException> OfSystem(MasOptions options, StyleDefinition? definition)
    {
        StyleDefinition? style = definition;
        RecursiveMasException? fault = null;
        try
        {
            style ??= options.Style is { } name ? StyleCatalogue.Find(name) : null;
            if (style is not null)
                OptionCheck.Require(options, style);
            else if (options.Folder is null)
                throw SystemFinder.Unnamed();
        }
        catch (RecursiveMasException error)
        {
            fault = error;
        }

        return fault is null ? [] : [fault];
    }
}

/// <summary>Judges what a configuration says of the options of a name; what is wrong there has not reached them.</summary>
internal sealed class ConfiguredOptionsValidator(string system, ConfiguredOptions configured) : IValidateOptions<MasOptions>
{
    public ValidateOptionsResult Validate(string? name, MasOptions options)
    {
        if (name != system)
            return ValidateOptionsResult.Skip;
        return configured.Faults.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(configured.Faults.Select(fault => $"{nameof(MasOptions)}.{fault}"));
    }
}
