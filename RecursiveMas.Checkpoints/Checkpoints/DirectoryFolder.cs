using RecursiveMas.Shared;

namespace RecursiveMas.Checkpoints;

/// <summary>A folder of the file system: plain, or a snapshot of a hub cache, whose files are links.</summary>
/// <param name="path">Absolute path.</param>
internal sealed class DirectoryFolder(string path) : CheckpointFolder(path)
{
    public override IReadOnlyList<string> Files => FileFaults.Read<IReadOnlyList<string>>(Name, () =>
    [
        .. Directory.EnumerateFiles(Name)
            .Select(file => Path.GetFileName(file))
            .Where(file => !file.StartsWith(StandIns.AppleDoublePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ]);

    private protected override bool ContainsCore(string file) => FileLink.FileExists(Path.Combine(Name, file));

    // FileInfo.Length of a symbolic link is that of the link itself.
    private protected override long GetLengthCore(string file)
    {
        using Stream stream = OpenReadCore(file);
        return stream.Length;
    }

    private protected override Stream OpenReadCore(string file) => CheckpointStream.Open(Path.Combine(Name, file));

    private protected override string? GetPhysicalPathCore(string file) => Path.Combine(Name, file);

    // A snapshot of a hub cache links to blobs, which have the SHA-256 of their content for a name.
    private protected override string? GetContentHashCore(string file)
    {
        string path = Path.Combine(Name, file);
        var target = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return target is { Name.Length: 64, Directory.Name: "blobs" } && target.Name.All(char.IsAsciiHexDigitLower) ? target.Name : null;
    }

    private protected override CheckpointFolder? FindFolderCore(string folder) =>
        Path.Combine(Name, folder) is var path && Directory.Exists(path) ? Readable(path) : null;

    // In a folder that may not be read, every file would seem to be missing.
    private static DirectoryFolder Readable(string path) => FileFaults.Read(path, () =>
    {
        using IEnumerator<string> first = Directory.EnumerateFileSystemEntries(path).GetEnumerator();
        first.MoveNext();
        return new DirectoryFolder(path);
    });
}
