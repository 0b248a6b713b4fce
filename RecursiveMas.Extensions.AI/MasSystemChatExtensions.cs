using Microsoft.Extensions.AI;

namespace RecursiveMas;

/// <summary>Systems as chat clients.</summary>
public static class MasSystemChatExtensions
{
    /// <summary>A chat client of the system.</summary>
    /// <param name="system">The system; it stays the caller's, and disposing the client does not dispose it.</param>
    /// <param name="options">How to ask it.</param>
    /// <exception cref="ArgumentNullException">There is no system.</exception>
    public static IChatClient AsIChatClient(this MasSystem system, MasChatClientOptions? options = null) => new MasChatClient(system, options);
}
