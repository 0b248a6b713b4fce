using RecursiveMas.Shared;

namespace RecursiveMas.Checkpoints;

/// <summary>A file of a checkpoint, read only. What the system refuses while reading is a <see cref="CheckpointException"/> that names the file.</summary>
internal sealed class CheckpointStream : Stream
{
    private readonly FileStream _file;
    private readonly string _name;
    private readonly long _length;

    private CheckpointStream(FileStream file, string name)
    {
        (_file, _name) = (file, name);
        _length = file.Length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _file.Position;
        set => FileFaults.Read(_name, () => _file.Position = value);
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="CheckpointException">The system refused it.</exception>
    public static CheckpointStream Open(string path) => FileFaults.Read(path, () =>
    {
        FileStream file = File.OpenRead(path);
        try
        {
            return new CheckpointStream(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _file.Read(buffer);
        }
        catch (Exception error) when (FileFaults.IsOfTheSystem(error))
        {
            throw FileFaults.Unreadable(_name, error);
        }

        return read > 0 || buffer.IsEmpty || _file.Position >= _length
            ? read
            : throw new CheckpointException(
                _name,
                $"had {_length:N0} bytes when it was opened and ends after {_file.Position:N0}. Let nothing change it while it is read.");
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => Length,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
