namespace RecursiveMas.Protocol;

/// <summary>Addresses of the hub.</summary>
/// <param name="endpoint">The hub, with a slash at its end.</param>
internal sealed class HubAddresses(Uri endpoint)
{
    private static readonly Uri s_default = new(Configuration.HubEnvironment.DefaultEndpoint);

    public Uri Endpoint => endpoint;

    public Uri Revision(HubRepository repository, string revision) => new(endpoint, $"{repository.ApiPath}/revision/{Uri.EscapeDataString(revision)}");

    public Uri Tree(HubRepository repository, string commit) => new(endpoint, $"{repository.ApiPath}/tree/{commit}?recursive=true&expand=false");

    public Uri File(HubRepository repository, string commit, string path) =>
        new(endpoint, $"{repository.PagePath}/resolve/{commit}/{string.Join('/', path.Split('/').Select(Escape))}");

    /// <summary>The page of a repository, for people.</summary>
    public Uri Page(HubRepository repository) => new(endpoint, repository.PagePath);

    /// <summary>Whether an address is the hub's own, where the token may be sent.</summary>
    public bool IsHub(Uri address) => SameOrigin(address, endpoint);

    /// <summary>A hub behind another address hands out addresses of the default host; they are meant to be its own.</summary>
    public Uri Own(Uri address) => SameOrigin(address, s_default) && !SameOrigin(endpoint, s_default)
        ? new Uri(endpoint, address.PathAndQuery.TrimStart('/'))
        : address;

    // Parentheses and the like are escaped too, as the other clients do.
    private static string Escape(string segment) => Uri.EscapeDataString(segment)
        .Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal).Replace("!", "%21", StringComparison.Ordinal)
        .Replace("*", "%2A", StringComparison.Ordinal).Replace("'", "%27", StringComparison.Ordinal);

    private static bool SameOrigin(Uri a, Uri b) =>
        a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);
}
