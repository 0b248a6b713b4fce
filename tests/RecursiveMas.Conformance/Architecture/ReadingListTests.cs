using System.Text.RegularExpressions;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Architecture;

/// <summary>docs/architecture.md names the files from which an answer is understood; they exist, and they stay few.</summary>
public sealed partial class ReadingListTests
{
    private const int MostFiles = 30;

    [Fact]
    public void Files_of_the_reading_list_exist_and_are_at_most_30()
    {
        string document = File.ReadAllText(Path.Combine(Goldens.RepositoryRoot, "docs", "architecture.md"));
        (string Number, string Path)[] files = [.. Entry().Matches(document).Select(entry => (entry.Groups[1].Value, entry.Groups[2].Value))];
        Assert.InRange(files.Length, 1, MostFiles);
        Assert.Equal(Enumerable.Range(1, files.Length).Select(number => $"{number}"), files.Select(file => file.Number));
        Assert.Equal(files.Length, files.DistinctBy(file => file.Path).Count());
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Goldens.RepositoryRoot, file.Path)), $"{file.Path} does not exist"));
    }

    /// <summary>An entry of the reading list: a number and a file in backticks.</summary>
    [GeneratedRegex(@"^(\d+)\. `([^`]*)`:", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
