namespace RecursiveMas.HubServer;

/// <summary>A request that arrived.</summary>
/// <param name="Storage">Whether it came to the second host, where large files lie.</param>
/// <param name="Method">GET, HEAD or POST.</param>
/// <param name="Path">The decoded path.</param>
/// <param name="RawTarget">Path and query as they were sent.</param>
/// <param name="Range">The Range header.</param>
/// <param name="Authorization">The Authorization header.</param>
/// <param name="Time">When it arrived.</param>
public sealed record ServedRequest(bool Storage, string Method, string Path, string RawTarget, string? Range, string? Authorization, DateTime Time)
{
    /// <summary>Whether the body of a file is asked for, here or in storage.</summary>
    public bool IsDownload =>
        Method == "GET" && (Storage || Path.Contains("/resolve/", StringComparison.Ordinal) || Path.Contains("/resolve-cache/", StringComparison.Ordinal));
}
