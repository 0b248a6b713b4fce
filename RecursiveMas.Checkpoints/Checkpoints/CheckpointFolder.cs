using System.Reflection;
using RecursiveMas.Checkpoints;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What is known of a file whose beginning is here.</summary>
/// <param name="Bytes">Its first bytes; all of them for a file that is to be read whole.</param>
/// <param name="Length">Its whole length in bytes.</param>
/// <param name="ContentHash">What identifies its content; null if that is not known.</param>
public readonly record struct FileBeginning(ReadOnlyMemory<byte> Bytes, long Length, string? ContentHash);

/// <summary>The files of one checkpoint repository, wherever they lie: a plain folder, a snapshot of a hub cache, or the resources of an assembly.</summary>
/// <remarks>All members are safe for concurrent calls. No file outside the folder can be named.</remarks>
public abstract class CheckpointFolder
{
    private protected CheckpointFolder(string name) => Name = name;

    /// <summary>The folder as it appears in messages: its path, or the name of the embedded set.</summary>
    public string Name { get; }

    /// <summary>
    /// Relative names of the files directly in the folder, in ordinal order; without the AppleDouble files ("._NAME") that macOS writes beside others.
    /// </summary>
    /// <exception cref="CheckpointException">The folder cannot be read.</exception>
    public abstract IReadOnlyList<string> Files { get; }

    /// <summary>Opens a folder of the file system. Links to files are followed, as hub caches keep their files elsewhere.</summary>
    /// <param name="path">Path of the folder; "~" or "~name" at its start stands for a home folder.</param>
    /// <exception cref="CheckpointException">There is no such folder.</exception>
    /// <exception cref="InvalidOptionException">The path is null or empty.</exception>
    public static CheckpointFolder FromDirectory(string path)
    {
        string full = UserPath.Full(path);
        return Directory.Exists(full)
            ? new DirectoryFolder(full)
            : throw new CheckpointException(full, File.Exists(full)
                ? "is a file, not a folder. Name the folder that holds the checkpoint."
                : "there is no such folder. Check the path, or download the repository first.");
    }

    /// <summary>Opens the folder in which a file lies, or is to lie.</summary>
    /// <param name="path">Path of the file; "~" or "~name" at its start stands for a home folder.</param>
    /// <param name="file">Its name in the folder.</param>
    /// <exception cref="CheckpointException">There is no such folder.</exception>
    /// <exception cref="InvalidOptionException">The path is null or empty.</exception>
    public static CheckpointFolder FromFile(string path, out string file)
    {
        string full = UserPath.Full(path);
        file = Path.GetFileName(full);
        return FromDirectory(Path.GetDirectoryName(full) ?? full);
    }

    /// <summary>Opens files that are embedded in an assembly under names that begin with <paramref name="prefix"/> and a slash.</summary>
    /// <param name="assembly">The assembly that holds the files as resources.</param>
    /// <param name="prefix">First part of the resource names, without the slash that follows it.</param>
    /// <exception cref="CheckpointException">The assembly holds no such files.</exception>
    public static CheckpointFolder FromResources(Assembly assembly, string prefix)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(prefix);
        return new ResourceFolder(assembly, prefix);
    }

    /// <summary>
    /// A folder of which only the beginnings of files are here, as a hub hands them out without a download: enough for configurations, manifests and
    /// the headers of weights, and so for <c>EstimateMemory</c>. Reading on is a <see cref="CheckpointException"/>.
    /// </summary>
    /// <param name="name">The folder as it appears in messages.</param>
    /// <param name="files">The files by name.</param>
    public static CheckpointFolder FromBeginnings(string name, IReadOnlyDictionary<string, FileBeginning> files)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(files);
        return new BeginningsFolder(name, files);
    }

    /// <summary>Whether all files are here from beginning to end; false for <see cref="FromBeginnings"/>.</summary>
    public virtual bool HasWholeFiles => true;

    /// <summary>What identifies the content of a file, where that is known without reading it: equal files have equal hashes. Null where it is not.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">The file is missing or the name would leave the folder.</exception>
    public string? GetContentHash(string file) => GetContentHashCore(Existing(file));

    /// <summary>Whether the folder holds the file.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">
    /// The name would leave the folder; or it is a link that leads nowhere, as a download that is not complete leaves behind.
    /// </exception>
    public bool Contains(string file) => ContainsCore(Checked(file));

    /// <summary>
    /// Whether a file is not there, or is a link that leads nowhere. A name that would leave the folder is not missing: reading it says what is wrong.
    /// </summary>
    /// <param name="file">Relative file name.</param>
    public bool IsMissing(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return !Contains(file);
        }
        catch (CheckpointException)
        {
            return !file.AsSpan().ContainsAny('/', '\\', ':') && file is not ("." or "..");
        }
    }

    /// <summary>Size of a file in bytes.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">The file is missing or the name would leave the folder.</exception>
    public long GetLength(string file) => GetLengthCore(Existing(file));

    /// <summary>A folder inside of this one; null if there is none, as in the resources of an assembly.</summary>
    /// <param name="folder">Relative name of the folder.</param>
    /// <exception cref="CheckpointException">The name would leave the folder.</exception>
    public CheckpointFolder? FindFolder(string folder) => FindFolderCore(Checked(folder));

    /// <summary>Opens a file for reading. What goes wrong while it is read is a <see cref="CheckpointException"/> too.</summary>
    /// <param name="file">Relative file name.</param>
    /// <exception cref="CheckpointException">
    /// The file is missing or cannot be read, the name would leave the folder, or something else stands in the file's place: a pointer of Git LFS, a web
    /// page that a failed download saved.
    /// </exception>
    public Stream OpenRead(string file)
    {
        Stream stream = OpenReadCore(Existing(file));
        try
        {
            StandIns.Refuse(stream, Describe(file));
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

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
        if (length > Math.Min(maximumBytes, Array.MaxLength))
            throw new CheckpointException(Describe(file), $"has {length:N0} bytes, more than the {maximumBytes:N0} that such a file may have.");
        byte[] bytes = new byte[length];
        using Stream stream = OpenRead(file);
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The file's full name for messages.</summary>
    /// <param name="file">Relative file name.</param>
    public string Describe(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Name.EndsWith('/') ? Name + file : $"{Name}/{file}";
    }

    private protected virtual string? GetContentHashCore(string file) => null;

    private protected abstract bool ContainsCore(string file);

    private protected abstract long GetLengthCore(string file);

    private protected abstract Stream OpenReadCore(string file);

    private protected abstract string? GetPhysicalPathCore(string file);

    private protected abstract CheckpointFolder? FindFolderCore(string folder);

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
}
