using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RecursiveMas.Shared;

/// <summary>Compares what is needed with what there is.</summary>
internal static class MemoryGuard
{
    /// <param name="what">What needs the memory, for messages.</param>
    /// <param name="needed">Bytes in this machine's memory.</param>
    /// <param name="check">What happens if that is too much.</param>
    /// <param name="host">What there is; null if unknown.</param>
    /// <param name="waysOut">What to do about it, in sentences.</param>
    /// <param name="logger">Warned.</param>
    /// <returns>The warning, if there was one.</returns>
    /// <exception cref="NotEnoughMemoryException">It is too much.</exception>
    public static string? Require(string what, long needed, MemoryCheck check, HostMemory? host, Func<long, string> waysOut, ILogger? logger)
    {
        if (check == MemoryCheck.None || host is null || needed <= host.Available)
            return null;
        string message = $"{what} needs about {GiB(needed)} of memory, but {host.Where} {GiB(host.Available)} left.";
        if (check == MemoryCheck.Refuse)
            throw new NotEnoughMemoryException($"{message} {waysOut(host.Available)}", needed, host.Available);
        logger?.LogWarning("{Message}", message);
        return message;
    }

    /// <summary>Bytes for people.</summary>
    public static string GiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / (1L << 30):0.0} GiB");
}
