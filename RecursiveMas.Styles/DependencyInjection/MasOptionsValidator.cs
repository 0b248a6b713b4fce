using Microsoft.Extensions.Options;
using RecursiveMas.Loading;

namespace RecursiveMas.DependencyInjection;

/// <summary>Judges options when a host first asks for them; every option that is wrong is named.</summary>
internal sealed class MasOptionsValidator : IValidateOptions<MasOptions>
{
    public ValidateOptionsResult Validate(string? name, MasOptions options)
    {
        IReadOnlyList<InvalidOptionException> faults = OptionCheck.Find(options);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.Select(fault => $"{nameof(MasOptions)}.{fault.Message}"));
    }
}

/// <summary>Judges what a configuration says of the unnamed options; what is wrong there has not reached them.</summary>
internal sealed class ConfiguredOptionsValidator(ConfiguredOptions configured) : IValidateOptions<MasOptions>
{
    public ValidateOptionsResult Validate(string? name, MasOptions options)
    {
        if (name != Microsoft.Extensions.Options.Options.DefaultName)
            return ValidateOptionsResult.Skip;
        return configured.Faults.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(configured.Faults.Select(fault => $"{nameof(MasOptions)}.{fault}"));
    }
}
