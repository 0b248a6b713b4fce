using System.Net.Http.Headers;

namespace RecursiveMas.Protocol;

/// <summary>One request, before redirects.</summary>
/// <param name="Method">GET or HEAD.</param>
/// <param name="Address">Where.</param>
/// <param name="Subject">What is asked for, for messages.</param>
internal sealed record HubCall(HttpMethod Method, Uri Address, string Subject)
{
    /// <summary>The repository, whose page is shown where terms have to be accepted.</summary>
    public required HubRepository Repository { get; init; }

    /// <summary>The bytes that are wanted; null for all.</summary>
    public RangeHeaderValue? Range { get; init; }

    /// <summary>Stop at the redirect that names the storage of a file, because its headers describe the file.</summary>
    public bool StopAtStorage { get; init; }
}
