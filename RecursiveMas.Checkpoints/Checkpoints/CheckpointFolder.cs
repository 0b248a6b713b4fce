using System.Reflection;

namespace RecursiveMas;

/// <summary>The files of one checkpoint repository, wherever they lie: a plain folder, a snapshot of a hub cache, or the resources of an assembly.</summary>
/// <remarks>All members are safe for concurrent calls. No file outside the folder can be named.</remarks>
public abstract class CheckpointFolder
{
    private protected CheckpointFolder(string name) => Name = name;

    /// <summary>The folder as it appears in messages: its path, or the name of the embedded set.</summary>
    public string Name { get; }

    /// <summary>Relative names of the files directly in the folder, in ordinal order.</summary>
    public abstract IReadOnlyList<string> Files { get; }

    /// <summary>Opens a folder of the file system. Links to files are followed, as hub caches keep their files elsewhere.</summary>
    /// <param name="path">Path of the folder.</param>
    /// <exception cref="CheckpointException">There is no such folder.</exception>
    public static CheckpointFolder FromDirectory(string path)
    {
        string full = Path.GetFullPath(path);
        return Directory.Exists(full)
            ? new DirectoryFolder(full)
            : throw new CheckpointException(full, "there is no such folder. Check the path, or download the repository first.");
    }

    /// <summary>Opens files that are embedded in an assembly under names that begin with <paramref name="prefix"/> and a slash.</summary>
    /// <param name="assembly">The assembly that holds the files as resources.</param>
    /// <param name="prefix">First part of the resource names, without the slash that follows it.</param>
    /// <exception cref="CheckpointException">The assembly holds no such files.</exception>
    public static CheckpointFolder FromResources(Assembly assembly, string prefix) => new ResourceFolder(assembly, prefix);

    /// <summary>Whether the folder holds the file.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">The name would leave the folder.</exception>
    public bool Contains(string file) => ContainsCore(Checked(file));

    /// <summary>Size of a file in bytes.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">The file is missing or the name would leave the folder.</exception>
    public long GetLength(string file) => GetLengthCore(Existing(file));

    /// <summary>Opens a file for reading.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">The file is missing or the name would leave the folder.</exception>
    public Stream OpenRead(string file) => OpenReadCore(Existing(file));

    /// <summary>Path of the file on disk, for memory mapping; null if it is not a file of its own.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">The file is missing or the name would leave the folder.</exception>
    public string? GetPhysicalPath(string file) => GetPhysicalPathCore(Existing(file));

    /// <summary>Reads a whole file.</summary>
    /// <param name="file">Relative file name.</param>
    /// <param name="maximumBytes">Larger files are refused before anything is allocated.</param>
    /// <exception cref="CheckpointException">The file is missing, too large, or the name would leave the folder.</exception>
    public byte[] ReadAllBytes(string file, long maximumBytes)
    {
        long length = GetLength(file);
        if (length > maximumBytes)
            throw new CheckpointException(Describe(file), $"has {length:N0} bytes, more than the {maximumBytes:N0} that such a file may have.");
        byte[] bytes = new byte[length];
        using Stream stream = OpenRead(file);
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The file's full name for messages.</summary>
    /// <param name="file">Relative file name.</param>
    public string Describe(string file) => $"{Name}/{file}";

    private protected abstract bool ContainsCore(string file);

    private protected abstract long GetLengthCore(string file);

    private protected abstract Stream OpenReadCore(string file);

    private protected abstract string? GetPhysicalPathCore(string file);

    private string Existing(string file) => Contains(file)
        ? file
        : throw new CheckpointException(Describe(file), "the file is missing. Complete the download of this repository.");

    private string Checked(string file)
    {
        // Judged by the rules of POSIX and Windows alike, so that a manifest means the same everywhere.
        bool leaves = string.IsNullOrEmpty(file) || file.Length > 255 || file is "." or ".."
            || file.AsSpan().IndexOfAny("/\\:\0") >= 0;
        return leaves
            ? throw new CheckpointException(Name, $"names the file '{file}', which does not lie directly in this folder. Only plain file names are allowed.")
            : file;
    }

    private sealed class DirectoryFolder(string path) : CheckpointFolder(path)
    {
        public override IReadOnlyList<string> Files =>
            [.. Directory.EnumerateFiles(Name).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

        private protected override bool ContainsCore(string file) => File.Exists(Path.Combine(Name, file));

        // FileInfo.Length of a symbolic link is that of the link itself.
        private protected override long GetLengthCore(string file)
        {
            using FileStream stream = File.OpenRead(Path.Combine(Name, file));
            return stream.Length;
        }

        private protected override Stream OpenReadCore(string file) => File.OpenRead(Path.Combine(Name, file));

        private protected override string? GetPhysicalPathCore(string file) => Path.Combine(Name, file);
    }

    private sealed class ResourceFolder : CheckpointFolder
    {
        private readonly Assembly _assembly;
        private readonly string _prefix;
        private readonly SortedSet<string> _files;

        public ResourceFolder(Assembly assembly, string prefix)
            : base($"embedded:{prefix}")
        {
            _assembly = assembly;
            _prefix = prefix + "/";
            _files = new SortedSet<string>(
                assembly.GetManifestResourceNames()
                    .Where(name => name.StartsWith(_prefix, StringComparison.Ordinal))
                    .Select(name => name[_prefix.Length..])
                    .Where(name => !name.Contains('/', StringComparison.Ordinal)),
                StringComparer.Ordinal);
            if (_files.Count == 0)
                throw new CheckpointException(Name, $"assembly {assembly.GetName().Name} holds no files of this name.");
        }

        public override IReadOnlyList<string> Files => [.. _files];

        private protected override bool ContainsCore(string file) => _files.Contains(file);

        private protected override long GetLengthCore(string file)
        {
            using Stream stream = OpenReadCore(file);
            return stream.Length;
        }

        private protected override Stream OpenReadCore(string file) => _assembly.GetManifestResourceStream(_prefix + file)!;

        private protected override string? GetPhysicalPathCore(string file) => null;
    }
}
