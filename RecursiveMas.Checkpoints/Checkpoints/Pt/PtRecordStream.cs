namespace RecursiveMas.Checkpoints.Pt;

/// <summary>The bytes of a record, read forward; the check sum is compared with the last of them.</summary>
internal sealed class PtRecordStream(PtContainer container, PtRecord record) : Stream
{
    private long _position;
    private uint _sum;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => record.Length;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <exception cref="CheckpointException">The record is damaged.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, record.Length - _position);
        if (count == 0)
            return 0;
        _sum = container.ReadPart(record, _position, buffer[..count], _sum);
        _position += count;
        if (_position == record.Length)
            container.CheckSum(record, _sum);
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
