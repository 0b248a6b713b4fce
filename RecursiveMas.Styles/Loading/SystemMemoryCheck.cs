using Microsoft.Extensions.Logging;
using RecursiveMas.Shared;
using TorchSharp;

namespace RecursiveMas.Loading;

/// <summary>Looks before anything is loaded whether a system fits into this machine's memory, and warns where the options say to go on regardless.</summary>
internal sealed class SystemMemoryCheck(MasOptions options, ILogger logger)
{
    /// <returns>The estimate, and warnings for the user.</returns>
    /// <exception cref="NotEnoughMemoryException">It does not fit, and the options do not say to go on regardless.</exception>
    public (MasMemoryEstimate Estimate, IReadOnlyList<string> Warnings) Require(FoundSystem found)
    {
        Given.Defined(options.MemoryCheck, nameof(MasOptions.MemoryCheck));
        MasMemoryEstimate estimate = SystemMemory.Estimate(found, options, null);
        var warnings = new List<string>();
        if (options.Host()?.Require($"'{found.Style.Name}'", InMemory(estimate), options.MemoryCheck, available => WaysOut(found, available)) is { } warning)
        {
            logger.LogWarning("{Warning}", warning);
            warnings.Add(warning);
        }

        return (estimate, warnings);
    }

    private string WaysOut(FoundSystem found, long available) =>
        $"{new MemoryWaysOut(found, options, available, how => InMemory(SystemMemory.Estimate(found, how, null)))} " +
        $"{nameof(MasOptions)}.{nameof(MasOptions.MemoryCheck)} = {nameof(MemoryCheck.Warn)} goes on regardless.";

    private static long InMemory(MasMemoryEstimate estimate) =>
        estimate.PeakByDevice.Where(device => DeviceNames.Parse(device.Key).type == DeviceType.CPU).Sum(device => device.Value);
}
