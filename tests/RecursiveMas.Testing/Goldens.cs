using System.Reflection;
using Xunit;

namespace RecursiveMas.Testing;

/// <summary>Finds golden data: the folder named by RECURSIVEMAS_GOLDENS replaces, kind by kind, the copies under tests/Goldens.</summary>
public static class Goldens
{
    public const string Variable = "RECURSIVEMAS_GOLDENS";

    public static string RepositoryRoot { get; } = Path.GetFullPath(Metadata("RepositoryRoot"));

    public static string Copies { get; } = Path.GetFullPath(Metadata("GoldensFolder"));

    /// <summary>The folder of a kind ("models", "mas", ...), replaced or the copy; null if neither is there.</summary>
    public static string? TryFolder(string kind)
    {
        string? replaced = Environment.GetEnvironmentVariable(Variable);
        foreach (string? root in new[] { replaced, Copies })
        {
            if (!string.IsNullOrEmpty(root) && Directory.Exists(Path.Combine(root, kind)))
                return Path.Combine(root, kind);
        }

        return null;
    }

    /// <summary>The folder of a kind, or a path inside it; the running test is reported as not run if it is absent.</summary>
    public static string Folder(string kind, params string[] inside)
    {
        string? folder = TryFolder(kind);
        string path = folder is null ? kind : Path.Combine([folder, .. inside]);
        Assert.SkipWhen(folder is null || !(Directory.Exists(path) || File.Exists(path)), $"No golden data at {path}.");
        return path;
    }

    /// <summary>Folder of another kind that data of <paramref name="kindFolder"/> refers to: beside it if there, else the copy.</summary>
    public static string Beside(string kindFolder, string otherKind)
    {
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(kindFolder))!, otherKind);
        return Directory.Exists(beside) ? beside : Folder(otherKind);
    }

    /// <summary>Names of the sub-folders of a kind, in ordinal order; one empty name if there are none, so that a theory reports itself as not run.</summary>
    public static IEnumerable<TheoryDataRow<string>> Subfolders(string kind, Func<string, bool>? wanted = null)
    {
        string? folder = TryFolder(kind);
        string[] names = folder is null
            ? []
            : [.. Directory.EnumerateDirectories(folder).Where(d => wanted?.Invoke(d) ?? true).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];
        return Rows(names, kind);
    }

    /// <summary>Theory rows for the names; a single skipped row where there are none.</summary>
    public static IEnumerable<TheoryDataRow<string>> Rows(IReadOnlyCollection<string> names, string kind) =>
        names.Count > 0
            ? names.Select(name => new TheoryDataRow<string>(name))
            : [new TheoryDataRow<string>("") { Skip = $"No golden data of kind '{kind}'." }];

    private static string Metadata(string key) =>
        typeof(Goldens).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
