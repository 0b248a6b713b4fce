using Xunit;

namespace RecursiveMas.Testing;

/// <summary>The code that a package's README shows, beside the code that a test runs.</summary>
public static class Readme
{
    private const string Begin = "// README", End = "// END";

    /// <summary>Requires that the lines between the marks in a test's source are those of the README's block of code, but for usings and indentation.</summary>
    /// <param name="package">Name of the package and its folder.</param>
    /// <param name="source">The test's source file, relative to the repository.</param>
    public static void RequireSameCode(string package, string source)
    {
        string[] shown = [.. Block(
            File.ReadAllLines(Path.Combine(Goldens.RepositoryRoot, package, "README.md")),
            "```csharp",
            "```").Where(line => !IsUsing(line))];
        string[] run = [.. Block(File.ReadAllLines(Path.Combine(Goldens.RepositoryRoot, source)), Begin, End)];
        Assert.NotEmpty(shown);
        Assert.Equal(shown, run);
    }

    /// <summary>Requires that the blocks of C# in a document are those between marks in a test's source, one after the other.</summary>
    /// <param name="document">The document, relative to the repository.</param>
    /// <param name="source">The test's source file, relative to the repository.</param>
    public static void RequireSameBlocks(string document, string source)
    {
        string[] shown = [.. Blocks(File.ReadAllLines(Path.Combine(Goldens.RepositoryRoot, document)), "```csharp", "```")];
        Assert.NotEmpty(shown);
        Assert.Equal(shown, Blocks(File.ReadAllLines(Path.Combine(Goldens.RepositoryRoot, source)), "// DOC", End));
    }

    private static IEnumerable<string> Blocks(string[] lines, string begin, string end) => lines.Index()
        .Where(line => line.Item.Trim() == begin)
        .Select(line => string.Join('\n', Block(lines.Skip(line.Index), begin, end).Where(code => !IsUsing(code))));

    private static bool IsUsing(string line) =>
        line.StartsWith("using RecursiveMas", StringComparison.Ordinal) || line.StartsWith("using Microsoft.", StringComparison.Ordinal);

    private static IEnumerable<string> Block(IEnumerable<string> lines, string begin, string end) =>
        lines.Select(line => line.Trim()).SkipWhile(line => line != begin).Skip(1).TakeWhile(line => line != end).Where(line => line.Length > 0);
}
