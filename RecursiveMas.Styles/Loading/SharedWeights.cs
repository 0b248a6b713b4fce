using System.Buffers;

namespace RecursiveMas.Loading;

/// <summary>Whether two checkpoints hold the same model, byte for byte, so that one copy in memory serves both.</summary>
internal static class SharedWeights
{
    private const int Block = 1 << 20;

    /// <summary>Whether all bytes are equal.</summary>
    public static bool Same(CheckpointFolder one, CheckpointFolder other)
    {
        if (one.Name == other.Name)
            return true;
        string[] files = ModelFiles(one);
        // Sizes first: models that only look alike differ there, and nothing is read.
        return files.SequenceEqual(ModelFiles(other))
            && files.All(file => one.GetLength(file) == other.GetLength(file))
            && files.OrderBy(one.GetLength).All(file => IsSameFile(one, other, file) || SameContent(one, other, file));
    }

    /// <summary>Whether both are known to be equal without reading a weight: the same files, or blobs of a hub cache under the same hash.</summary>
    public static bool SameFiles(CheckpointFolder one, CheckpointFolder other)
    {
        if (one.Name == other.Name)
            return true;
        string[] files = ModelFiles(one);
        return files.SequenceEqual(ModelFiles(other))
            && files.All(file => one.GetLength(file) == other.GetLength(file))
            && files.All(file => IsSameFile(one, other, file) || (HasSameHash(one, other, file) ?? (!IsWeights(file) && SameContent(one, other, file))));
    }

    private static string[] ModelFiles(CheckpointFolder folder) =>
        [.. folder.Files.Where(file => file is CausalLanguageModel.ConfigurationFile or "model.safetensors.index.json" || IsWeights(file))];

    private static bool IsWeights(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal);

    private static bool IsSameFile(CheckpointFolder one, CheckpointFolder other, string file) =>
        Target(one, file) is { } first && Target(other, file) is { } second && first.FullName == second.FullName;

    /// <summary>Null where the hash of one is not known.</summary>
    private static bool? HasSameHash(CheckpointFolder one, CheckpointFolder other, string file) =>
        one.GetContentHash(file) is { } first && other.GetContentHash(file) is { } second ? first == second : null;

    /// <summary>The file at the end of all links; null if it is no file of its own.</summary>
    private static FileInfo? Target(CheckpointFolder folder, string file) =>
        folder.GetPhysicalPath(file) is { } path ? new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path) : null;

    private static bool SameContent(CheckpointFolder one, CheckpointFolder other, string file)
    {
        byte[] a = ArrayPool<byte>.Shared.Rent(Block), b = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            using Stream first = one.OpenRead(file), second = other.OpenRead(file);
            while (true)
            {
                int read = first.ReadAtLeast(a.AsSpan(0, Block), Block, throwOnEndOfStream: false);
                if (second.ReadAtLeast(b.AsSpan(0, Block), Block, throwOnEndOfStream: false) != read || !a.AsSpan(0, read).SequenceEqual(b.AsSpan(0, read)))
                    return false;
                if (read < Block)
                    return true;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(a);
            ArrayPool<byte>.Shared.Return(b);
        }
    }
}
