using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RecursiveMas;
using RecursiveMas.DependencyInjection;
using RecursiveMas.Hosting;
using RecursiveMas.Shared;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What a host may want of a system that <c>AddRecursiveMas</c> registered.</summary>
public static class MasBuilderExtensions
{
    /// <summary>
    /// The system is one of the application's own. Its repositories lie in <see cref="MasOptions.Folder"/>; the folder is not needed if the options give all
    /// agents and links.
    /// </summary>
    /// <param name="builder">The registration.</param>
    /// <param name="definition">Its agents, edges, prompts and repositories.</param>
    public static IMasBuilder UseDefinition(this IMasBuilder builder, StyleDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(definition);
        MasRegistration registration = MasRegistration.Find(builder.Services, builder.Name)
            ?? throw new InvalidOptionException(nameof(builder), $"no system '{builder.Name}' is registered. Begin with AddRecursiveMas.");
        registration.Definition = definition;
        return builder;
    }

    /// <summary>
    /// The host loads the system by itself, with progress in the log. Several systems are loaded in the order of their registration. Without it, loading
    /// begins when somebody first wants the system.
    /// </summary>
    /// <param name="builder">The registration.</param>
    /// <param name="configure">
    /// Whether the host waits for it, and when a failed try is followed by another. Default: in the background, after 30 seconds.
    /// </param>
    public static IMasBuilder WarmUp(this IMasBuilder builder, Action<MasWarmUpOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string name = builder.Name;
        if (configure is not null)
            builder.Services.Configure(name, configure);
        builder.Services.AddSingleton(new WarmedUp(name));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SystemWarmUp>(provider => new SystemWarmUp(
            [.. provider.GetServices<WarmedUp>().Select(system => system.Name).Distinct().Select(system => (
                provider.GetRequiredKeyedService<MasSystemSource>(system),
                provider.GetRequiredService<IOptionsMonitor<MasWarmUpOptions>>().Get(system)))],
            provider.GetService<TimeProvider>() ?? TimeProvider.System)));
        return builder;
    }

    /// <summary>
    /// Adds a health check: healthy when the system is ready and its devices compute, degraded if it is loaded only when it is first asked for, and otherwise
    /// <paramref name="failureStatus"/>, with how far loading has come, or why it failed.
    /// </summary>
    /// <param name="builder">The registration.</param>
    /// <param name="name">Name of the check. Default: "recursivemas", for a named system with its name behind a colon.</param>
    /// <param name="failureStatus">The status while the system does not answer. Default: null, unhealthy.</param>
    /// <param name="tags">Tags by which an endpoint chooses checks. Default: "ready".</param>
    /// <param name="timeout">Time for a device to compute. Default: null, no limit.</param>
    /// <exception cref="InvalidOptionException">There is no such status.</exception>
    public static IMasBuilder AddHealthCheck(
        this IMasBuilder builder, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, TimeSpan? timeout = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string system = builder.Name;
        HealthStatus? status = failureStatus is { } given ? Given.Defined(given, nameof(failureStatus)) : null;
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name ?? (system.Length == 0 ? "recursivemas" : $"recursivemas:{system}"),
            provider => new SystemHealthCheck(provider.GetRequiredKeyedService<MasSystemSource>(system)),
            status,
            tags ?? ["ready"],
            timeout));
        return builder;
    }

    /// <summary>A system that the host is to load by itself.</summary>
    private sealed record WarmedUp(string Name);
}
