namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Goes on with the registration of a system that <c>AddRecursiveMas</c> began.</summary>
/// <remarks>
/// Whoever extends it registers services beside the system's: its <c>MasSystemSource</c> is a keyed service under <see cref="Name"/>, the unnamed system's too.
/// </remarks>
public interface IMasBuilder
{
    /// <summary>Name of the system among those of the host: key of its services and name of its options. Empty for the unnamed system.</summary>
    string Name { get; }

    /// <summary>The services of the host.</summary>
    IServiceCollection Services { get; }
}
