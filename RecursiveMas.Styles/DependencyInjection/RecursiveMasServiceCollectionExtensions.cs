using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecursiveMas;
using RecursiveMas.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers recursive multi-agent systems.</summary>
public static class RecursiveMasServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="MasSystem"/> as a singleton; it is loaded when it is first resolved. If options are wrong, an
    /// <see cref="OptionsValidationException"/> names
    /// all of them then.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">
    /// Holds the options by the names of the members of <see cref="MasOptions"/>; <see cref="MasOptions.Prompts"/> is the name of a catalogue or the path of
    /// a file, <see cref="MasOptions.Residency"/> All, OneAtATime or a size such as 6GB. A key of a section that is no option is an error.
    /// </param>
    public static IServiceCollection AddRecursiveMas(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var configured = new ConfiguredOptions(configuration);
        services.AddSingleton<IValidateOptions<MasOptions>>(new ConfiguredOptionsValidator(configured));
        return services.AddRecursiveMas(options => configured.Apply(options));
    }

    /// <summary>Registers a <see cref="MasSystem"/> as a singleton; it is loaded when it is first resolved. Options are validated then.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the system or folder, the device and defaults.</param>
    public static IServiceCollection AddRecursiveMas(this IServiceCollection services, Action<MasOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        Configure(services, Options.Options.DefaultName).Configure(configure);
        services.TryAddSingleton(provider => Load(provider, Options.Options.DefaultName));
        return services;
    }

    /// <summary>Registers a further <see cref="MasSystem"/> as a keyed singleton; it is loaded when it is first resolved.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Key of the service and name of its options.</param>
    /// <param name="configure">Sets the system or folder, the device and defaults.</param>
    public static IServiceCollection AddRecursiveMas(this IServiceCollection services, string name, Action<MasOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        Configure(services, name).Configure(configure);
        services.TryAddKeyedSingleton(name, (provider, _) => Load(provider, name));
        return services;
    }

    private static OptionsBuilder<MasOptions> Configure(IServiceCollection services, string name)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MasOptions>, MasOptionsValidator>());
        return services.AddOptions<MasOptions>(name);
    }

    private static MasSystem Load(IServiceProvider provider, string name)
    {
        MasOptions options = provider.GetRequiredService<IOptionsMonitor<MasOptions>>().Get(name);
        return MasSystem.LoadAsync(
            null,
            options with { Hub = options.Hub ?? provider.GetService<HubClient>() },
            loggerFactory: provider.GetService<ILoggerFactory>()).GetAwaiter().GetResult();
    }
}
