using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>The first code that a reader sees compiles and does what its comments say.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task The_first_page_shows_what_runs_here()
    {
        Readme.RequireSameCode("", "tests/RecursiveMas.Styles.Tests/ReadmeTests.cs");
        MasAnswer answer = await FirstQuestionAsync();
        Assert.Equal("all done so = 13\n\\boxed{13}", answer.Text);
        Assert.Equal("13", answer.Extracted?.Value);
    }

    private static async Task<MasAnswer> FirstQuestionAsync()
    {
        // README
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny");
        MasAnswer answer = await mas.AskAsync("Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?");
        Console.WriteLine(answer.Text);                // all done so = 13
                                                       // \boxed{13}
        Console.WriteLine(answer.Extracted?.Value);    // 13
        // END
        return answer;
    }
}
