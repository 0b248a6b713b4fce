using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>Chat clients of systems that a host loads.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_registered_client_loads_its_system_with_its_first_request()
    {
        var services = new ServiceCollection();
        services.AddRecursiveMas(options => options.Style = "sequential_tiny").AddChatClient();
        await using ServiceProvider host = services.BuildServiceProvider();
        IChatClient client = host.GetRequiredService<IChatClient>();
        Assert.Same(client, host.GetRequiredService<IChatClient>());
        Assert.Equal("sequential_tiny", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Null(client.GetService<MasSystem>());
        Assert.Null(client.GetService<StyleDefinition>());
        ChatResponse response = await client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        Assert.EndsWith("\\boxed{13}", response.Text, StringComparison.Ordinal);
        Assert.Same(host.GetRequiredService<MasSystem>(), client.GetService<MasSystem>());
        Assert.Equal("sequential_tiny", client.GetService<StyleDefinition>()!.Name);
    }

    [Fact]
    public async Task Named_systems_have_clients_of_their_own()
    {
        int wrapped = 0;
        var services = new ServiceCollection();
        services.AddRecursiveMas("chain", options => options.Style = "sequential_tiny").AddChatClient(new MasChatClientOptions { ModelId = "ledger" });
        services.AddRecursiveMas("panel", options => options.Style = "mixture_tiny").AddChatClient(pipeline: (client, provider) =>
        {
            Assert.NotNull(provider.GetRequiredKeyedService<MasSystemSource>("chain"));
            wrapped++;
            return client.AsBuilder().ConfigureOptions(options => options.MaxOutputTokens = 2).Build(provider);
        });
        await using ServiceProvider host = services.BuildServiceProvider();
        Assert.Null(host.GetService<IChatClient>());
        IChatClient chain = host.GetRequiredKeyedService<IChatClient>("chain"), panel = host.GetRequiredKeyedService<IChatClient>("panel");
        ChatResponse ledger = await chain.GetResponseAsync(TinyFixture.Ask(), new ChatOptions { ModelId = "ledger" }, Token);
        Assert.Equal(("ledger", ChatFinishReason.Stop), (ledger.ModelId, ledger.FinishReason));
        ChatResponse short2 = await panel.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token);
        Assert.Equal(("panel", 1), (short2.ModelId, wrapped));
        Assert.Equal(ChatFinishReason.Length, short2.FinishReason);
    }

    [Fact]
    public async Task A_request_learns_why_its_system_could_not_be_loaded_and_need_not_wait_for_it()
    {
        var services = new ServiceCollection();
        services.AddRecursiveMas(options => options.Folder = "/nowhere/at/all").AddChatClient();
        await using ServiceProvider host = services.BuildServiceProvider();
        IChatClient client = host.GetRequiredService<IChatClient>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<RecursiveMasException>(() => client.GetResponseAsync(TinyFixture.Ask(), cancellationToken: Token));
    }
}
