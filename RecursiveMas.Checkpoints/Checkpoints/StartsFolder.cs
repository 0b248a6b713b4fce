namespace RecursiveMas.Checkpoints;

/// <summary>Files of which only the first bytes are at hand, and their lengths: enough for configurations and headers.</summary>
/// <param name="name">The folder as it appears in messages.</param>
/// <param name="files">The files by name: what is known of their start, their lengths in bytes, and what identifies their content.</param>
internal sealed class StartsFolder(string name, IReadOnlyDictionary<string, (byte[] Start, long Length, string Hash)> files) : CheckpointFolder(name)
{
    public override IReadOnlyList<string> Files => [.. files.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What identifies the content of a file: equal files have equal hashes.</summary>
    public string HashOf(string file) => files[file].Hash;

    private protected override bool ContainsCore(string file) => files.ContainsKey(file);

    private protected override long GetLengthCore(string file) => files[file].Length;

    private protected override Stream OpenReadCore(string file) => new StartStream(Describe(file), files[file].Start, files[file].Length);

    private protected override string? GetPhysicalPathCore(string file) => null;

    private protected override CheckpointFolder? FindFolderCore(string folder) => null;

    /// <summary>A stream as long as the file, which refuses to be read beyond what is known.</summary>
    private sealed class StartStream(string file, byte[] start, long length) : Stream
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
            start.AsSpan((int)Position, count).CopyTo(buffer);
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
