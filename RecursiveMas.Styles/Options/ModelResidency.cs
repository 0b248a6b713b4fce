using System.ComponentModel;
using RecursiveMas.Loading;

namespace RecursiveMas;

/// <summary>Which models of a system stay in memory. It affects memory and time, never an answer.</summary>
[TypeConverter(typeof(ResidencyConverter))]
public sealed record ModelResidency
{
    private ModelResidency(string name, long? bytes)
    {
        Name = name;
        Bytes = bytes;
    }

    /// <summary>All of them, from the start. The fastest.</summary>
    public static ModelResidency All { get; } = new("all", null);

    /// <summary>
    /// One on each device; it is unloaded when another agent's turn comes. Takes the least memory, but every stage reads its model from disk again.
    /// </summary>
    public static ModelResidency OneAtATime { get; } = new("one at a time", 0);

    /// <summary>Name for messages.</summary>
    public string Name { get; }

    /// <summary>Most bytes of weights on a device; null for no limit.</summary>
    internal long? Bytes { get; }

    /// <summary>As many on each device as fit. The model used last is unloaded first: agents act in turn, so it is needed again last.</summary>
    /// <param name="bytes">Maximum number of bytes of weights on a device, greater than 0. Every single model must fit.</param>
    /// <exception cref="InvalidOptionException">The number is not greater than 0.</exception>
    public static ModelResidency Budget(long bytes) => bytes > 0
        ? new ModelResidency(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes:N0} {(bytes == 1 ? "byte" : "bytes")}"), bytes)
        : throw new InvalidOptionException(
            nameof(MasOptions.Residency),
            $"a budget of {bytes} bytes is not possible; give more than 0, or use {nameof(OneAtATime)}.");
}
