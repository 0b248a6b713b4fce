using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RecursiveMas;
using RecursiveMas.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers recursive multi-agent systems.</summary>
/// <remarks>
/// Each registration makes two singletons: a <see cref="MasSystemSource"/>, which loads the system in the background and hands it out when it is ready, and the
/// <see cref="MasSystem"/> itself, which can be resolved once it is ready and until then raises a <see cref="SystemNotReadyException"/>; no thread that
/// resolves a service waits for gigabytes. Options are validated when the host starts, or without a host when the system is first resolved: an
/// <see cref="OptionsValidationException"/> names all that are wrong.
/// </remarks>
public static class RecursiveMasServiceCollectionExtensions
{
    /// <summary>Registers the system of a host.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the system or folder, the device and defaults.</param>
    /// <returns>A builder for what else the host may want, such as a warm-up and a health check.</returns>
    /// <exception cref="InvalidOptionException">There is one already.</exception>
    public static IMasBuilder AddRecursiveMas(this IServiceCollection services, Action<MasOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        IMasBuilder builder = Register(services, Options.Options.DefaultName);
        services.Configure(configure);
        return builder;
    }

    /// <summary>Registers the system of a host as a configuration says.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">
    /// Holds the options by the names of the members of <see cref="MasOptions"/>; <see cref="MasOptions.Prompts"/> is the name of a catalogue or the path of
    /// a file, <see cref="MasOptions.Residency"/> All, OneAtATime or a size such as 6GB. A key of a section that is no option is an error. Read once.
    /// </param>
    /// <returns>A builder for what else the host may want, such as a warm-up and a health check.</returns>
    /// <exception cref="InvalidOptionException">There is one already.</exception>
    public static IMasBuilder AddRecursiveMas(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        return Configure(Register(services, Options.Options.DefaultName), configuration);
    }

    /// <summary>Registers one of several systems of a host: its services are keyed.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Key of the services and name of the options.</param>
    /// <param name="configure">Sets the system or folder, the device and defaults.</param>
    /// <returns>A builder for what else the host may want, such as a warm-up and a health check.</returns>
    /// <exception cref="InvalidOptionException">The name is empty, or there is one of this name already.</exception>
    public static IMasBuilder AddRecursiveMas(this IServiceCollection services, string name, Action<MasOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        IMasBuilder builder = Register(services, NotEmpty(name));
        services.Configure(name, configure);
        return builder;
    }

    /// <summary>Registers one of several systems of a host as a configuration says: its services are keyed.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">Key of the services and name of the options.</param>
    /// <param name="configuration">Holds the options, as for the unnamed system.</param>
    /// <returns>A builder for what else the host may want, such as a warm-up and a health check.</returns>
    /// <exception cref="InvalidOptionException">The name is empty, or there is one of this name already.</exception>
    public static IMasBuilder AddRecursiveMas(this IServiceCollection services, string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        return Configure(Register(services, NotEmpty(name)), configuration);
    }

    private static string NotEmpty(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return string.IsNullOrWhiteSpace(name)
            ? throw new InvalidOptionException(nameof(name), "is empty. Name the system, or leave the name out for the only one of the host.")
            : name;
    }

    private static IMasBuilder Configure(IMasBuilder builder, IConfiguration configuration)
    {
        var configured = new ConfiguredOptions(configuration);
        builder.Services.AddSingleton<IValidateOptions<MasOptions>>(new ConfiguredOptionsValidator(builder.Name, configured));
        builder.Services.Configure<MasOptions>(builder.Name, options => configured.Apply(options));
        return builder;
    }

    private static MasBuilder Register(IServiceCollection services, string name)
    {
        if (MasRegistration.Find(services, name) is not null)
            throw new InvalidOptionException(
                nameof(name),
                name.Length == 0
                    ? "a system without a name is registered already. Give one of them a name: AddRecursiveMas(name, ...)."
                    : $"a system with the name '{name}' is registered already. Give one of them another name.");
        services.AddKeyedSingleton(name, new MasRegistration());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MasOptions>, MasOptionsValidator>());
        services.AddOptions<MasOptions>(name).ValidateOnStart();
        services.AddKeyedSingleton(name, (provider, _) => CreateSource(provider, name));
        if (name.Length == 0)
        {
            services.AddSingleton(provider => provider.GetRequiredKeyedService<MasSystemSource>(name));
            services.AddSingleton(provider => provider.GetRequiredService<MasSystemSource>().Require());
        }
        else
        {
            services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredKeyedService<MasSystemSource>(name).Require());
        }

        return new MasBuilder(name, services);
    }

    // What loading needs is resolved here, so that the host disposes it later than the source.
    private static MasSystemSource CreateSource(IServiceProvider provider, string name)
    {
        MasOptions options = provider.GetRequiredService<IOptionsMonitor<MasOptions>>().Get(name);
        options = options with { Hub = options.Hub ?? provider.GetService<HubClient>() };
        StyleDefinition? definition = provider.GetRequiredKeyedService<MasRegistration>(name).Definition;
        ILoggerFactory loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        return new MasSystemSource(
            name.Length > 0 ? name : definition?.Name ?? options.Style ?? options.Folder ?? "",
            (progress, cancellationToken) => definition is null
                ? MasSystem.LoadAsync(null, options, progress, loggers, cancellationToken)
                : MasSystem.LoadAsync(definition, options.Folder, options, progress, loggers, cancellationToken),
            provider.GetRequiredService<IOptionsMonitor<MasWarmUpOptions>>().Get(name).RetryDelay,
            loggers.CreateLogger<MasSystemSource>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System);
    }
}
