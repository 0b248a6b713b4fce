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

    /// <summary>The folder of a kind, or a path inside it; the running test fails if it is absent and not declared so.</summary>
    public static string Folder(string kind, params string[] inside)
    {
        string? folder = TryFolder(kind);
        string path = folder is null ? kind : Path.Combine([folder, .. inside]);
        if (folder is not null && (Directory.Exists(path) || File.Exists(path)))
            return path;
        Assert.SkipWhen(IsDeclaredAbsent(kind), $"{path} is declared absent.");
        throw new InvalidDataException(Nothing(path));
    }

    /// <summary>Whether the file absent.txt, beside the kinds, names a kind or the one that it belongs to. One kind stands on a line.</summary>
    public static bool IsDeclaredAbsent(string kind) =>
        new[] { Environment.GetEnvironmentVariable(Variable), Copies }
            .Where(root => !string.IsNullOrEmpty(root)).Select(root => Path.Combine(root!, "absent.txt")).Where(File.Exists).SelectMany(File.ReadLines)
            .Any(line => line.Length > 0 && (kind == line || kind.StartsWith(line + "/", StringComparison.Ordinal)));

    /// <summary>The rows of golden data. None is a fault, because a loop over nothing proves nothing.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="kind">Where they come from.</param>
    public static T[] NotEmpty<T>(IEnumerable<T> rows, string kind)
    {
        T[] all = [.. rows];
        return all.Length > 0 ? all : throw new InvalidDataException(Nothing(kind));
    }

    /// <summary>Folder of another kind that data of <paramref name="kindFolder"/> refers to: beside it if there, else the copy.</summary>
    public static string Beside(string kindFolder, string otherKind)
    {
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(kindFolder))!, otherKind);
        return Directory.Exists(beside) ? beside : Folder(otherKind);
    }

    /// <summary>Names of the sub-folders of a kind, in ordinal order, as <see cref="Rows"/> gives them.</summary>
    public static IEnumerable<TheoryDataRow<string>> Subfolders(string kind, Func<string, bool>? wanted = null)
    {
        string? folder = TryFolder(kind);
        string[] names = folder is null
            ? []
            : [.. Directory.EnumerateDirectories(folder).Where(d => wanted?.Invoke(d) ?? true).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];
        return Rows(names, kind);
    }

    /// <summary>
    /// Theory rows for the names. None is a fault that fails the theory, unless the kind is declared absent: then a single skipped row stands for them.
    /// </summary>
    public static IEnumerable<TheoryDataRow<string>> Rows(IReadOnlyCollection<string> names, string kind) =>
        names.Count == 0 && IsDeclaredAbsent(kind)
            ? [new TheoryDataRow<string>("") { Skip = $"Golden data of kind '{kind}' is declared absent." }]
            : NotEmpty(names.Select(name => new TheoryDataRow<string>(name)), kind);

    /// <summary>Theory rows for what is no golden data but made or fetched on this machine; a single skipped row where it was not.</summary>
    public static IEnumerable<TheoryDataRow<string>> OptionalRows(IReadOnlyCollection<string> names, string what) =>
        names.Count > 0 ? names.Select(name => new TheoryDataRow<string>(name)) : [new TheoryDataRow<string>("") { Skip = $"Not at hand: {what}." }];

    private static string Nothing(string kind) =>
        $"There is no golden data of '{kind}'. Restore it under {Copies} or in the folder that {Variable} names, " +
        "or name the kind in absent.txt beside the others.";

    private static string Metadata(string key) =>
        typeof(Goldens).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
