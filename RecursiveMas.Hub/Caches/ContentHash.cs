using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RecursiveMas.Caches;

/// <summary>The hash that verifies a file: SHA-256 of its content, or for small files git's SHA-1 of header and content.</summary>
internal sealed class ContentHash : IDisposable
{
    private const int GitDigits = 40;
    private const int Sha256Digits = 64;
    private const int BufferSize = 1 << 20;

    private readonly HubFile _file;
    private readonly IncrementalHash _hash;

    public ContentHash(HubFile file)
    {
        _file = file;
        _hash = IncrementalHash.CreateHash(file.Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        Begin();
    }

    public static bool IsGitId(string id) => id.Length == GitDigits && id.All(char.IsAsciiHexDigitLower);

    public static bool IsSha256(string id) => id.Length == Sha256Digits && id.All(char.IsAsciiHexDigitLower);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Forgets what was appended.</summary>
    public void Restart()
    {
        _hash.GetHashAndReset();
        Begin();
    }

    /// <summary>The hash of what was appended; starts anew.</summary>
    public string Finish()
    {
        string hash = Convert.ToHexStringLower(_hash.GetHashAndReset());
        Begin();
        return hash;
    }

    /// <summary>Whether a file on disk has the size and hash that it should have.</summary>
    /// <param name="path">The file on disk.</param>
    /// <param name="file">What it should be.</param>
    /// <param name="read">Told how many bytes have been read, piece by piece.</param>
    /// <param name="cancellationToken">Checked between pieces.</param>
    public static bool Matches(string path, HubFile file, Action<int>? read, CancellationToken cancellationToken)
    {
        using FileStream stream = Open(path);
        if (stream.Length != file.Size)
            return false;
        using var hash = new ContentHash(file);
        byte[] buffer = new byte[BufferSize];
        long left = file.Size;
        while (left > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = stream.Read(buffer);
            if (count == 0)
                return false;
            hash.Append(buffer.AsSpan(0, count));
            left -= count;
            read?.Invoke(count);
        }

        return left == 0 && hash.Finish() == file.BlobName;
    }

    /// <summary>Whether bytes are what a file should hold.</summary>
    public static bool Matches(ReadOnlySpan<byte> content, HubFile file)
    {
        using var hash = new ContentHash(file);
        hash.Append(content);
        return content.Length == file.Size && hash.Finish() == file.BlobName;
    }

    public void Dispose() => _hash.Dispose();

    private void Begin()
    {
        if (_file.Sha256 is null)
            _hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {_file.Size}\0")));
    }

    private static FileStream Open(string path) =>
        new(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite | FileShare.Delete });
}
