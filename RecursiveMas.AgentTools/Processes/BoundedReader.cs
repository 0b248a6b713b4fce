using System.Buffers;
using System.Text;

namespace RecursiveMas.Processes;

/// <summary>Reads an output to its end and keeps its beginning.</summary>
/// <param name="most">Bytes that are kept.</param>
/// <param name="exceeded">Called once if there are more.</param>
internal sealed class BoundedReader(int most, Action exceeded)
{
    private const int Chunk = 16 << 10;

    private readonly ArrayBufferWriter<byte> _kept = new();

    /// <summary>The beginning; bytes that are no UTF-8 become U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(_kept.WrittenSpan);

    public async Task ReadAsync(Stream stream)
    {
        byte[] buffer = new byte[Chunk];
        bool full = false;
        while (await stream.ReadAsync(buffer).ConfigureAwait(false) is > 0 and int count)
        {
            int room = most - _kept.WrittenCount;
            _kept.Write(buffer.AsSpan(0, Math.Min(count, room)));
            if (count > room && !full)
            {
                full = true;
                exceeded();
            }
        }
    }
}
