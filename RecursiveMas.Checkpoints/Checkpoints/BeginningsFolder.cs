namespace RecursiveMas.Checkpoints;

/// <summary>Files of which only the first bytes are at hand, and their lengths: enough for configurations and headers.</summary>
/// <param name="name">The folder as it appears in messages.</param>
/// <param name="files">The files by name.</param>
internal sealed class BeginningsFolder(string name, IReadOnlyDictionary<string, FileBeginning> files) : CheckpointFolder(name)
{
    public override IReadOnlyList<string> Files => [.. files.Keys.Order(StringComparer.Ordinal)];

    public override bool HasWholeFiles => false;

    private protected override string? GetContentHashCore(string file) => files[file].ContentHash;

    private protected override bool ContainsCore(string file) => files.ContainsKey(file);

    private protected override long GetLengthCore(string file) => files[file].Length;

    private protected override Stream OpenReadCore(string file) => new BeginningStream(Describe(file), files[file].Bytes, files[file].Length);

    private protected override string? GetPhysicalPathCore(string file) => null;

    private protected override CheckpointFolder? FindFolderCore(string folder) => null;

    /// <summary>A stream as long as the file, which refuses to be read beyond what is known.</summary>
    private sealed class BeginningStream(string file, ReadOnlyMemory<byte> start, long length) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (buffer.Length == 0 || Position >= length)
                return 0;
            if (Position >= start.Length)
                throw new CheckpointException(file, $"only its first {start.Length:N0} bytes are here. Download the repository.");
            int count = (int)Math.Min(buffer.Length, start.Length - Position);
            start.Span.Slice((int)Position, count).CopyTo(buffer);
            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
