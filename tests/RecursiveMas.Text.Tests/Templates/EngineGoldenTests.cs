using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>Every row of the engine goldens, errors included.</summary>
public class EngineGoldenTests
{
    [Fact]
    public void Every_row_renders_or_fails_as_the_reference_does()
    {
        string file = Goldens.Folder("chat-templates", "engine.jsonl");
        string[] rows = Goldens.NotEmpty(File.ReadLines(file).Where(line => line.Length > 0), file);
        string?[] wrong = [.. rows.Select(row => GoldenRows.Difference(row)).Where(difference => difference is not null)];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {rows.Length} rows differ:\n{string.Join("\n", wrong)}");
    }
}
