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
