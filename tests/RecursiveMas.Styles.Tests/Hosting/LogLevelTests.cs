using Microsoft.Extensions.Logging;
using Xunit;

namespace RecursiveMas.Styles.Tests.Hosting;

/// <summary>
/// Who reads which level: times, devices and memory for everybody, names of agents for who looks closer, words for nobody but who asks for them.
/// </summary>
public sealed class LogLevelTests
{
    private const string Asked = "Mia has 19 coins", Written = "\\boxed{13}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MasChannel.Latent)]
    [InlineData(MasChannel.Text)]
    public async Task Each_level_says_its_part(MasChannel channel)
    {
        using var log = new HostLog();
        var options = new MasOptions { Channel = channel, AnswerPass = false };
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, options, loggerFactory: log, cancellationToken: Token);
        MasAnswer answer = await mas.AskAsync(SystemFixture.Question, Token);
        if (channel == MasChannel.Latent)
            Assert.Contains(Written, answer.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PromptException>(() => mas.AskAsync(string.Concat(Enumerable.Repeat(SystemFixture.Question, 500)), Token));

        string[] information = [.. log.From(LogLevel.Information)], debug = [.. log.From(LogLevel.Debug)], trace = [.. log.From(LogLevel.Trace)];
        Assert.Contains(information, line => Matches(
            line, @"'sequential_tiny' is loaded in \d+\.\d s: Float32 on cpu; about \d+\.\d GiB on cpu .* resident now"));
        Assert.Contains(information, line => Matches(
            line, @"answered after \d+\.\d\d s, .* 3 rounds, \d+ positions read, \d+ latent steps, \d+ tokens written"));
        foreach (string agent in mas.Style.Graph.Agents)
        {
            Assert.DoesNotContain(information, line => line.Contains(agent, StringComparison.Ordinal));
            Assert.Contains(debug, line => Matches(line, $@"Round 1: {agent}, (Think|Write), \d"));
        }

        Assert.DoesNotContain(debug, line => line.Contains(Asked, StringComparison.Ordinal) || line.Contains(answer.Text, StringComparison.Ordinal));
        Assert.Contains(debug, line => line.Contains("left a question without an answer", StringComparison.Ordinal));
        Assert.Contains(trace, line => line.Contains("is asked: " + Asked, StringComparison.Ordinal));
        Assert.All(mas.Style.Graph.Agents, agent => Assert.Contains(
            trace, line => line.StartsWith($"Round 1: {agent} reads:", StringComparison.Ordinal) && line.Contains(Asked, StringComparison.Ordinal)));
        Assert.Contains(trace, line => line.EndsWith($"answered: {answer.Text}", StringComparison.Ordinal));
        Assert.Equal(channel == MasChannel.Text, trace.Any(line => line.StartsWith("Round 1: planner to critic: ", StringComparison.Ordinal)));
    }

    private static bool Matches(string line, string pattern) => System.Text.RegularExpressions.Regex.IsMatch(line, pattern);
}
