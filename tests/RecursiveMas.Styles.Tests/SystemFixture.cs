using RecursiveMas.Testing;

namespace RecursiveMas.Styles.Tests;

/// <summary>The embedded tiny system, loaded once, and copies of its files to damage.</summary>
public sealed class SystemFixture : IDisposable
{
    public const string Name = "sequential_tiny";
    public const string Question = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";

    private readonly List<string> _folders = [];
    private MasSystem? _system;

    public MasSystem System => _system ??= MasSystem.Load(Name);

    /// <summary>A fresh folder with a copy of the system's repositories.</summary>
    public string CopyFolder()
    {
        string folder = Directory.CreateTempSubdirectory("recursivemas-test-").FullName;
        _folders.Add(folder);
        string source = Path.Combine(Goldens.RepositoryRoot, "RecursiveMas.TinySystems", "Systems", Name);
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetUnixFileModeIfPossible(target);
        }

        return folder;
    }

    public void Dispose()
    {
        _system?.Dispose();
        foreach (string folder in _folders)
            Directory.Delete(folder, recursive: true);
    }
}

file static class FileModes
{
    extension(File)
    {
        /// <summary>Copies may be made from read-only files; tests change them.</summary>
        public static void SetUnixFileModeIfPossible(string path)
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
