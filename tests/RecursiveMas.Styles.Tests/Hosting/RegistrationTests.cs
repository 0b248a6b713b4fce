using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RecursiveMas.Catalogue;
using Xunit;

namespace RecursiveMas.Styles.Tests.Hosting;

/// <summary>Which systems a host has, and what is wrong with their options before it starts.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_name_belongs_to_one_system_and_so_does_none()
    {
        var services = new ServiceCollection();
        Assert.Equal("", services.AddRecursiveMas(_ => { }).Name);
        InvalidOptionException error = Assert.Throws<InvalidOptionException>(() => services.AddRecursiveMas(HostedSystem.Section("{}")));
        Assert.Contains("without a name is registered already", error.Message, StringComparison.Ordinal);
        IMasBuilder named = services.AddRecursiveMas("fast", _ => { });
        Assert.Equal(("fast", services), (named.Name, named.Services));
        error = Assert.Throws<InvalidOptionException>(() => services.AddRecursiveMas("fast", HostedSystem.Section("{}")));
        Assert.Contains("'fast' is registered already", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InvalidOptionException>(() => services.AddRecursiveMas(" ", _ => { }));
        Assert.Contains("is empty", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Style": "sequental_tiny" }""", "Style", "Did you mean 'sequential_tiny'?")]
    [InlineData("""{ "Rounds": 2 }""", "Style", "neither a style nor a folder was named")]
    [InlineData("""{ "Style": "sequential_tiny", "Device": "tpu" }""", "Device", "'tpu' is not a device")]
    [InlineData("""{ "Style": "sequential_tiny", "Device": "cuda:99" }""", "Device", "cuda:99")]
    [InlineData("""{ "Style": "sequential_tiny", "Rounds": 0 }""", "Rounds", "at least 1 is needed")]
    [InlineData("""{ "Style": "sequential_tiny", "Ruonds": 1 }""", "Ruonds", "Did you mean 'Rounds'?")]
    [InlineData("""{ "Style": "sequential_tiny", "AgentDevices": { "plannner": "cpu" } }""", "AgentDevices", "Did you mean 'planner'?")]
    [InlineData("""{ "Style": "sequential_tiny", "Residency": "much" }""", "Residency", "'much' is no residency")]
    [InlineData("""{ "Style": "sequential_tiny", "Prompts": "sequental" }""", "Prompts", "'sequental' is not a catalogue")]
    public async Task A_host_with_a_wrong_option_does_not_start(string json, string option, string words)
    {
        foreach (string name in new[] { "", "one" })
        {
            using var log = new HostLog();
            using IHost host = HostedSystem.Build(log, builder =>
            {
                IMasBuilder system = name.Length == 0
                    ? builder.Services.AddRecursiveMas(HostedSystem.Section(json))
                    : builder.Services.AddRecursiveMas(name, HostedSystem.Section(json));
                system.WarmUp();
            });
            OptionsValidationException error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
            string failure = Assert.Single(error.Failures);
            Assert.StartsWith($"MasOptions.{option}", failure, StringComparison.Ordinal);
            Assert.Contains(words, failure, StringComparison.Ordinal);
            Assert.DoesNotContain(log.Lines, line => line.Text.Contains("loaded", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_one_registration_says_does_not_reach_another()
    {
        using var log = new HostLog();
        using IHost host = HostedSystem.Build(log, builder =>
        {
            builder.Services.AddRecursiveMas(HostedSystem.Section("""{ "Style": "sequential_tiny", "Rounds": 1 }"""));
            builder.Services.AddRecursiveMas("two", HostedSystem.Section("""{ "Style": "sequential_tiny", "Rounds": 2, "Prompts": "sequential-tiny" }"""));
            builder.Services.AddRecursiveMas("people", options => options.Style = "mixture_tiny");
        });
        await host.StartAsync(Token);
        Assert.Equal(1, (await AskAsync(host, "", SystemFixture.Question)).Rounds);
        Assert.Equal(2, (await AskAsync(host, "two", SystemFixture.Question)).Rounds);
        Assert.Equal(4, (await AskAsync(host, "people", "Who is Jan's boss?")).Trace.Select(hop => hop.Agent).Distinct().Count());
        Assert.Same(await host.Source("two").GetAsync(Token), host.Services.GetRequiredKeyedService<MasSystem>("two"));
        Assert.Same(host.Source(), host.Services.GetRequiredService<MasSystemSource>());
        Assert.Equal(["sequential_tiny", "two", "people"], host.Services.GetKeyedServices<MasSystemSource>(KeyedService.AnyKey).Select(source => source.Name));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_host_may_have_a_system_of_its_own()
    {
        StyleDefinition own = StyleCatalogue.Find("sequential_tiny") with { Name = "my own" };
        using var log = new HostLog();
        using IHost host = HostedSystem.Build(log, builder => builder.Services.AddRecursiveMas(options =>
        {
            options.Channel = MasChannel.Text;
            options.Rounds = 1;
            options.AnswerPass = false;
            foreach (string agent in own.Graph.Agents)
                options.Agents[agent] = new TextAgent(agent, (request, _) => Task.FromResult($"{agent} says so"));
        }).UseDefinition(own).WarmUp());
        await host.StartAsync(Token);
        Assert.Equal("my own", host.Source().Name);
        Assert.Equal("solver says so", (await AskAsync(host, "", "How many?")).Text);
        Assert.Throws<InvalidOptionException>(() => new Builder("other", new ServiceCollection()).UseDefinition(own));
        await host.StopAsync(Token);
    }

    private static async Task<MasAnswer> AskAsync(IHost host, string name, string question) =>
        await (await host.Source(name).GetAsync(Token)).AskAsync(question, Token);

    private sealed record Builder(string Name, IServiceCollection Services) : IMasBuilder;
}
