using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>Random templates that Jinja2 rendered, side by side with ours. eng/templates/crosscheck.sh makes them.</summary>
public class CrossCheckTests
{
    private const int Shown = 40;

    [Fact]
    public void Every_random_template_renders_as_by_Jinja()
    {
        string file = Path.Combine(Goldens.RepositoryRoot, "artifacts", "templates", "crosscheck.jsonl");
        Assert.SkipUnless(File.Exists(file), "No random templates are at hand; eng/templates/crosscheck.sh makes them.");
        string[] rows = File.ReadAllLines(file);
        string[] wrong = [.. rows.AsParallel().AsOrdered().Select(row => GoldenRows.Difference(row)).OfType<string>()];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {rows.Length} rows differ:\n{string.Join("\n", wrong.Take(Shown))}");
    }
}
