using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecursiveMas.Shared;
using TorchSharp;

namespace RecursiveMas.Loading;

/// <summary>Looks before anything is loaded whether a system fits into this machine's memory, and warns of what makes it large.</summary>
internal sealed class SystemMemoryCheck(MasOptions options, ILogger logger)
{
    /// <returns>The estimate, and warnings for the user.</returns>
    /// <exception cref="NotEnoughMemoryException">It does not fit, and the options do not say to go on regardless.</exception>
    public (MasMemoryEstimate Estimate, IReadOnlyList<string> Warnings) Require(FoundSystem found)
    {
        Given.Defined(options.MemoryCheck, nameof(MasOptions.MemoryCheck));
        MasMemoryEstimate estimate = SystemMemory.Estimate(found, options, null);
        var warnings = new List<string>();
        if (Widened(found, estimate) is { } widened)
        {
            logger.LogWarning("{Warning}", widened);
            warnings.Add(widened);
        }

        if (options.Host()?.Require($"'{found.Style.Name}'", InMemory(estimate), options.MemoryCheck, available => WaysOut(found, available)) is { } warning)
        {
            logger.LogWarning("{Warning}", warning);
            warnings.Add(warning);
        }

        return (estimate, warnings);
    }

    /// <summary>The processor's lack of bfloat16 units doubles what a model takes; whoever looks at memory wants to know why.</summary>
    private string? Widened(FoundSystem found, MasMemoryEstimate estimate)
    {
        using var models = new ModelLoader(options, found.Style.Defaults, NullLoggerFactory.Instance);
        string[] agents = [.. estimate.Agents.Where(agent => agent.Value.IsWidened(models.How(agent.Key).How.Dtype)).Select(agent => agent.Key)];
        return agents.Length == 0
            ? null
            : $"This processor has no bfloat16 units, so {string.Join(", ", agents)} compute in float32: " +
                $"the system takes {ByteSize.GiB(InMemory(estimate))} in place of " +
              $"{ByteSize.GiB(InMemory(SystemMemory.Estimate(found, MemoryWaysOut.AsStored(options), null)))}. " +
              $"{nameof(MasOptions.Dtype)} = {nameof(ModelDtype.Stored)} takes less memory and more time.";
    }

    private string WaysOut(FoundSystem found, long available) =>
        $"{new MemoryWaysOut(found, options, available, how => InMemory(SystemMemory.Estimate(found, how, null)))} " +
        $"{nameof(MasOptions)}.{nameof(MasOptions.MemoryCheck)} = {nameof(MemoryCheck.Warn)} goes on regardless.";

    private static long InMemory(MasMemoryEstimate estimate) =>
        estimate.PeakByDevice.Where(device => DeviceNames.Parse(device.Key).type == DeviceType.CPU).Sum(device => device.Value);
}
