using System.Globalization;

namespace RecursiveMas.Shared;

/// <summary>Numbers of bytes for people.</summary>
internal static class ByteSize
{
    public static string GiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / (1L << 30):0.0} GiB");
}
