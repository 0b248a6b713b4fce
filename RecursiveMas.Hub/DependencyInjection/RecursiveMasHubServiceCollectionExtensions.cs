using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using RecursiveMas;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the hub client.</summary>
public static class RecursiveMasHubServiceCollectionExtensions
{
    /// <summary>Registers a <see cref="HubClient"/> as a singleton over the host's <see cref="IHttpClientFactory"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">How it works. Default: as the environment variables say.</param>
    /// <returns>The builder of the HTTP client, for handlers of your own. Retries are the hub client's own; do not add others.</returns>
    public static IHttpClientBuilder AddRecursiveMasHub(this IServiceCollection services, HubClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new HubClient(provider.GetRequiredService<IHttpClientFactory>(), options, provider.GetService<ILoggerFactory>()));
        return services
            .AddHttpClient(HubClient.HttpClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(HubClient.CreateHandler);
    }
}
