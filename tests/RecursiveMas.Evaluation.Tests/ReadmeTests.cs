using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests;

/// <summary>The sample of the package's README.</summary>
public class ReadmeTests
{
    [Fact]
    public void The_sample_prints_both_verdicts()
    {
        Readme.RequireSameCode("RecursiveMas.Evaluation", "tests/RecursiveMas.Evaluation.Tests/ReadmeTests.cs");
        using var output = new StringWriter { NewLine = "\n" };
        Show(output);
        Assert.Equal("reference: True by intpart\nstrict: False by number\n", output.ToString());
    }

    private static void Show(StringWriter Console)
    {
        // README
        AnswerScore score = AnswerScorer.Score(@"So it is \boxed{3.9}.", gold: "3.5", AnswerComparison.Mathematics);
        Console.WriteLine($"reference: {score.Reference.Correct} by {score.Reference.Rule}"); // reference: True by intpart
        Console.WriteLine($"strict: {score.Strict.Correct} by {score.Strict.Rule}");          // strict: False by number
        // END
    }
}
