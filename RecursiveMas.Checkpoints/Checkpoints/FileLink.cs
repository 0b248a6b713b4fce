using RecursiveMas.Shared;

namespace RecursiveMas.Checkpoints;

/// <summary>
/// Symbolic links to files, as hub caches are made of. One that leads nowhere is no absent file, which could be done without, but a broken download.
/// </summary>
internal static class FileLink
{
    private const string Incomplete = ".incomplete";
    private const string Fix = "Complete the download of this repository.";

    /// <summary>Whether there is a file of this name, be it by a link.</summary>
    /// <exception cref="CheckpointException">It is a link that leads to nothing, to itself, or to a file that is still being downloaded.</exception>
    public static bool FileExists(string path)
    {
        // Also true for links that lead nowhere.
        if (!File.Exists(path))
            return false;
        if (Follow(path) is not { } target)
            return true;
        if (target.Name.EndsWith(Incomplete, StringComparison.Ordinal))
            throw new CheckpointException(path, $"leads to {target.FullName}, a download that was broken off or is still running. {Fix}");
        if (File.Exists(target.FullName))
            return true;
        string half = HasPart(target) ? " Its download was broken off." : "";
        throw new CheckpointException(path, $"is a link to {target.FullName}, which is not there.{half} {Fix}");
    }

    private static FileSystemInfo? Follow(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true);
        }
        catch (Exception error) when (FileFaults.IsOfTheSystem(error))
        {
            throw new CheckpointException(path, $"is a link that cannot be followed to its end: {error.Message} {Fix}", error);
        }
    }

    private static bool HasPart(FileSystemInfo target)
    {
        string? folder = Path.GetDirectoryName(target.FullName);
        try
        {
            return Directory.Exists(folder)
                && Directory.EnumerateFiles(folder, $"*{Incomplete}").Any(file => Path.GetFileName(file).StartsWith(target.Name, StringComparison.Ordinal));
        }
        catch (Exception error) when (FileFaults.IsOfTheSystem(error))
        {
            return false;
        }
    }
}
