using System.Security.Cryptography;
using System.Text;

namespace RecursiveMas.HubServer;

/// <summary>A file of a served repository: a block of bytes, repeated up to a length.</summary>
public sealed class ServedFile
{
    private const int LargeFrom = 1 << 20;

    private readonly byte[] _block;

    private ServedFile(byte[] block, long length, bool large)
    {
        _block = block;
        Length = length;
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        git.AppendData(Encoding.ASCII.GetBytes($"blob {length}\0"));
        foreach (ReadOnlyMemory<byte> piece in Pieces(0))
        {
            sha256.AppendData(piece.Span);
            git.AppendData(piece.Span);
        }

        string hash = Convert.ToHexStringLower(sha256.GetHashAndReset());
        GitId = large ? GitIdOfPointer(hash, length) : Convert.ToHexStringLower(git.GetHashAndReset());
        Sha256 = large ? hash : null;
    }

    public long Length { get; }

    /// <summary>The git object: the content, or the pointer of a large file.</summary>
    public string GitId { get; }

    /// <summary>Set for large files, which lie in storage on another host.</summary>
    public string? Sha256 { get; }

    public string ContentId => Sha256 ?? GitId;

    /// <summary>A file with this content; from 1 MiB on it is a large one.</summary>
    public static ServedFile Of(byte[] content, bool? large = null) => new(content, content.Length, large ?? content.Length >= LargeFrom);

    public static ServedFile Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>A file of random bytes.</summary>
    public static ServedFile Random(long length, int seed, bool? large = null)
    {
        byte[] block = new byte[Math.Min(length, LargeFrom + 13)];
        new Random(seed).NextBytes(block);
        return new ServedFile(block, length, large ?? length >= LargeFrom);
    }

    /// <summary>The bytes from an offset on.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces(long from)
    {
        const int Largest = 1 << 16;
        while (from < Length)
        {
            int at = (int)(from % _block.Length);
            int count = (int)Math.Min(Math.Min(Largest, _block.Length - at), Length - from);
            yield return _block.AsMemory(at, count);
            from += count;
        }
    }

    private static string GitIdOfPointer(string sha256, long length)
    {
        string pointer = $"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {length}\n";
        return Convert.ToHexStringLower(SHA1.HashData(Encoding.ASCII.GetBytes($"blob {pointer.Length}\0{pointer}")));
    }
}
