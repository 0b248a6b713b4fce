using Microsoft.Extensions.AI;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>The code of the package's README compiles and does what its comments say.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task Readme_shows_what_runs_here()
    {
        Readme.RequireSameCode("RecursiveMas.Extensions.AI", "tests/RecursiveMas.Extensions.AI.Tests/ReadmeTests.cs");
        ChatResponse response = await AskAsync();
        Assert.Equal("all done so = 18\n\\boxed{18}", response.Text);
        Assert.Equal(40, response.Usage?.AdditionalCounts?["recursivemas.latent_steps"]);
    }

    private static async Task<ChatResponse> AskAsync()
    {
        // README
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny");
        IChatClient client = mas.AsIChatClient();
        ChatResponse response = await client.GetResponseAsync("Mia has 19 coins. January gets 1. February loses 2. How many coins?");
        Console.WriteLine(response.Text);                                  // all done so = 18
                                                                           // \boxed{18}
        Console.WriteLine(response.Usage?.AdditionalCounts?["recursivemas.latent_steps"]); // 40
        // END
        return response;
    }
}
