using Microsoft.Extensions.DependencyInjection;

namespace RecursiveMas.DependencyInjection;

/// <summary>What was registered under a name, beside its options.</summary>
internal sealed class MasRegistration
{
    /// <summary>The system, if it is the application's own; null for one that the options name.</summary>
    public StyleDefinition? Definition { get; set; }

    /// <summary>The registration of a name; null if there is none.</summary>
    public static MasRegistration? Find(IServiceCollection services, string name) =>
        (MasRegistration?)services.FirstOrDefault(service =>
            service.ServiceType == typeof(MasRegistration) && name.Equals(service.ServiceKey))?.KeyedImplementationInstance;
}
