using System.Globalization;

namespace RecursiveMas;

/// <summary>The memory that a system takes, in bytes, calculated from configurations and file headers; no weight is read.</summary>
public sealed record MasMemoryEstimate
{
    /// <summary>What each agent's model takes, by the agent's name; agents that share weights each show the whole.</summary>
    public required IReadOnlyDictionary<string, MemoryEstimate> Agents { get; init; }

    /// <summary>Inner and outer links of one task.</summary>
    public required long Links { get; init; }

    /// <summary>
    /// The most that is taken on each device, by its name ("cpu", "cuda:0"): weights as the residency lets them stay, links, caches and working memory.
    /// Agents whose files are known to be the same count once: one folder, links to one file, or the same hash in a hub cache. Equal weights in files of their
    /// own are found only while they are loaded, so here each of them counts.
    /// </summary>
    public required IReadOnlyDictionary<string, long> PeakByDevice { get; init; }

    /// <summary>The sum over all devices.</summary>
    public long Peak => PeakByDevice.Values.Sum();

    /// <summary>The peak in all and of each device.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Peak:N0} bytes at most " +
            $"({string.Join(", ", PeakByDevice.Select(device => string.Create(CultureInfo.InvariantCulture, $"{device.Key}: {device.Value:N0}")))})");
}
