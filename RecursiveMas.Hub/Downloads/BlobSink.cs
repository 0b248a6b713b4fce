using Microsoft.Win32.SafeHandles;
using RecursiveMas.Caches;
using RecursiveMas.Protocol;

namespace RecursiveMas.Downloads;

/// <summary>
/// A partial file and the hash of what is in it. Reading from the network, hashing and writing overlap over a few fixed buffers, so that
/// memory does not grow with the file.
/// </summary>
internal sealed class BlobSink : IAsyncDisposable
{
    private const int BufferSize = 512 << 10;
    private const int LongestFill = 200; // ms: what a slow network has brought is written, so that little is lost when the process ends

    // The disk writes beside the network, so that little is left for it at the end.
    private const long FlushEvery = 32 << 20;

    private readonly HubFile _file;
    private readonly SafeFileHandle _output;
    private readonly ContentHash _hash;
    private readonly byte[][] _buffers;
    private readonly Action<SafeFileHandle>? _flush;
    private Task _flushing = Task.CompletedTask;
    private long _flushed;

    private BlobSink(HubFile file, string path, Action<SafeFileHandle>? flush)
    {
        _file = file;
        _flush = flush;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _output = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _hash = new ContentHash(file);
        int size = (int)Math.Min(BufferSize, Math.Max(file.Size, 1));
        _buffers = [new byte[size], new byte[size]];
    }

    /// <summary>Bytes that are written and hashed.</summary>
    public long Length { get; private set; }

    /// <summary>Opens a partial file and hashes what an earlier try has left in it.</summary>
    /// <param name="path">The partial file.</param>
    /// <param name="file">What it becomes.</param>
    /// <param name="flush">Waits until the disk holds the file; null if that is not wanted.</param>
    /// <param name="cancellationToken">Ends the hashing.</param>
    public static async Task<BlobSink> OpenAsync(string path, HubFile file, Action<SafeFileHandle>? flush, CancellationToken cancellationToken)
    {
        var sink = new BlobSink(file, path, flush);
        try
        {
            sink.ReadBack(cancellationToken);
            return sink;
        }
        catch
        {
            await sink.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Throws away what is there.</summary>
    public void Restart()
    {
        RandomAccess.SetLength(_output, 0);
        _hash.Restart();
        Length = _flushed = 0;
    }

    /// <summary>Appends a stream until it ends or the file is full. What has arrived before a failure is kept.</summary>
    /// <param name="input">The network.</param>
    /// <param name="arrived">Told of bytes as they are written.</param>
    /// <param name="idle">Starts anew with every piece.</param>
    public async Task AppendAsync(Stream input, Action<long> arrived, IdleTimeout idle)
    {
        Task writing = Task.CompletedTask;
        long expected = Length;
        try
        {
            for (int turn = 0; expected < _file.Size; turn ^= 1)
            {
                Memory<byte> buffer = _buffers[turn].AsMemory(0, (int)Math.Min(_buffers[turn].Length, _file.Size - expected));
                (int count, Exception? fault) = await FillAsync(input, buffer, idle).ConfigureAwait(false);
                await writing.ConfigureAwait(false);
                expected += count;
                ReadOnlyMemory<byte> full = buffer[..count];
                writing = count == 0 ? Task.CompletedTask : Task.Run(() => Write(full, arrived));
                if (fault is not null)
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
                if (count == 0)
                    return;
            }
        }
        finally
        {
            await writing.ConfigureAwait(false);
        }
    }

    /// <summary>Whether the whole file is what it should be.</summary>
    public bool Verify() => Length == _file.Size && _hash.Finish() == _file.BlobName;

    /// <summary>Waits until the disk holds what was written, if that is asked for.</summary>
    public async Task FlushAsync()
    {
        await _flushing.ConfigureAwait(false);
        _flush?.Invoke(_output);
    }

    /// <summary>Lets the file go, when the disk has taken what it was handed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _output.Dispose();
        _hash.Dispose();
    }

    /// <summary>Fills a buffer; fewer bytes than it holds mean a slow network, its end, or a fault, which comes back beside what arrived before it.</summary>
    private static async Task<(int Count, Exception? Fault)> FillAsync(Stream input, Memory<byte> buffer, IdleTimeout idle)
    {
        int count = 0;
        long started = Environment.TickCount64;
        try
        {
            while (count < buffer.Length)
            {
                int read = await input.ReadAsync(buffer[count..], idle.Token).ConfigureAwait(false);
                if (read == 0)
                    break;
                idle.Restart();
                count += read;
                if (Environment.TickCount64 - started > LongestFill)
                    break;
            }

            return (count, null);
        }
        catch (Exception error)
        {
            return (count, error);
        }
    }

    private void Write(ReadOnlyMemory<byte> bytes, Action<long> arrived)
    {
        RandomAccess.Write(_output, bytes.Span, Length);
        _hash.Append(bytes.Span);
        Length += bytes.Length;
        arrived(bytes.Length);
        if (_flush is null)
            return;
        if (_flushing.IsFaulted)
            _flushing.GetAwaiter().GetResult();
        if (Length - _flushed < FlushEvery || !_flushing.IsCompleted)
            return;
        _flushed = Length;
        _flushing = Task.Run(() => _flush(_output));
    }

    private void ReadBack(CancellationToken cancellationToken)
    {
        long have = RandomAccess.GetLength(_output);
        if (have > _file.Size)
        {
            Restart();
            return;
        }

        while (Length < have)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int read = RandomAccess.Read(_output, _buffers[0].AsSpan(0, (int)Math.Min(_buffers[0].Length, have - Length)), Length);
            _hash.Append(_buffers[0].AsSpan(0, read));
            Length += read;
        }
    }
}
