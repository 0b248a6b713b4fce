using Microsoft.Extensions.AI;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>The embedded system of three tiny models, once for all tests of a class.</summary>
public sealed class TinyFixture : IAsyncLifetime
{
    public const string Question = "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?";

    public MasSystem System { get; private set; } = null!;

    public IChatClient Client => System.AsIChatClient();

    public static ChatMessage[] Ask(string question = Question) => [new(ChatRole.User, question)];

    public async ValueTask InitializeAsync() => System = await MasSystem.LoadAsync("sequential_tiny");

    public ValueTask DisposeAsync() => System.DisposeAsync();
}
