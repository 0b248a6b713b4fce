using Microsoft.Extensions.AI;
using RecursiveMas;
using RecursiveMas.Shared;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers systems as chat clients.</summary>
public static class MasChatBuilderExtensions
{
    /// <summary>
    /// Registers the system as an <see cref="IChatClient"/>, a singleton: for the unnamed system as it is, for others under their name as the key. A request
    /// waits until the system is loaded; no thread does.
    /// </summary>
    /// <param name="builder">The registration.</param>
    /// <param name="options">How to ask the system.</param>
    /// <param name="pipeline">
    /// Puts middleware around the client, for example <c>(client, services) => client.AsBuilder().UseLogging().Build(services)</c>. Default: none.
    /// </param>
    public static IMasBuilder AddChatClient(
        this IMasBuilder builder, MasChatClientOptions? options = null, Func<IChatClient, IServiceProvider, IChatClient>? pipeline = null)
    {
        string name = Given.NotNull(builder).Name;
        if (name.Length == 0)
            builder.Services.AddSingleton(Create);
        else
            builder.Services.AddKeyedSingleton(name, (services, _) => Create(services));
        return builder;

        IChatClient Create(IServiceProvider services)
        {
            var client = new MasChatClient(services.GetRequiredKeyedService<MasSystemSource>(name), options);
            return pipeline is null ? client : pipeline(client, services);
        }
    }
}
