using Microsoft.Extensions.AI;

namespace RecursiveMas.Server;

/// <summary>The systems that are served, by name.</summary>
internal sealed class SystemList(IServiceProvider services)
{
    private readonly Dictionary<string, MasSystemSource> _sources =
        services.GetKeyedServices<MasSystemSource>(KeyedService.AnyKey).ToDictionary(source => source.Name, StringComparer.Ordinal);

    public IEnumerable<MasSystemSource> All => _sources.Values;

    public long Since { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <exception cref="ApiException">There is none of this name.</exception>
    public MasSystemSource Find(string? name) => name is not null && _sources.TryGetValue(name, out MasSystemSource? source)
        ? source
        : throw new ApiException(
            404, "invalid_request_error", "model_not_found", $"The model '{name}' does not exist. There are: {string.Join(", ", _sources.Keys)}.", "model");

    /// <summary>The chat client of a system that is ready: who asks while gigabytes are read should come back rather than hold a connection.</summary>
    /// <exception cref="ApiException">There is none of this name, or it is not ready.</exception>
    public IChatClient Client(string? name)
    {
        MasSystemSource source = Find(name);
        Require(source);
        return services.GetRequiredKeyedService<IChatClient>(source.Name);
    }

    /// <exception cref="ApiException">There is none of this name, or it is not ready.</exception>
    public MasSystem System(string? name) => Require(Find(name));

    private static MasSystem Require(MasSystemSource source) => source.TryGet(out MasSystem? system)
        ? system
        : throw new ApiException(
            503,
            "server_error",
            "model_not_ready",
            source.State == MasSystemState.Failed
                ? $"The model '{source.Name}' could not be loaded. /health says why."
                : $"The model '{source.Name}' is being loaded. Try again in a while; /health says how far it is.");
}
