using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Architecture;

/// <summary>A line of code fits beside another on a screen.</summary>
public sealed class LineTests
{
    private const int Columns = 160;

    private static readonly string[] s_passedOver = ["obj", "bin", "node_modules"];

    [Fact]
    public void Lines_have_at_most_160_columns()
    {
        string[] folders =
        [
            .. Directory.EnumerateDirectories(Goldens.RepositoryRoot, "RecursiveMas.*"),
            .. new[] { "Shared", "benchmarks", "eng", "samples", "tests", "tools" }
                .Select(name => Path.Combine(Goldens.RepositoryRoot, name))
                .Where(Directory.Exists),
        ];
        string[] files = [.. folders.SelectMany(Sources)];
        Assert.True(files.Length > 500, $"{files.Length} files were found");
        string[] longLines =
        [
            .. from file in files
               from line in File.ReadLines(file).Index()
               where line.Item.Length > Columns
               select $"{Path.GetRelativePath(Goldens.RepositoryRoot, file)}:{line.Index + 1} has {line.Item.Length} columns",
        ];
        Assert.True(longLines.Length == 0, string.Join(Environment.NewLine, longLines));
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs")
            .Concat(Directory.EnumerateDirectories(folder).Where(inner => !s_passedOver.Contains(Path.GetFileName(inner))).SelectMany(Sources));
}
