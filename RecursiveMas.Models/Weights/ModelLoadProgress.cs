using System.Globalization;

namespace RecursiveMas;

/// <summary>How much of a model's weights has been read.</summary>
/// <param name="Bytes">Bytes read so far, as stored.</param>
/// <param name="TotalBytes">Bytes of all weights of the model, as stored.</param>
public sealed record ModelLoadProgress(long Bytes, long TotalBytes)
{
    /// <summary>Both numbers in one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bytes:N0} of {TotalBytes:N0} bytes");
}
