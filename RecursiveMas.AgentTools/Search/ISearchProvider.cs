namespace RecursiveMas;

/// <summary>Finds texts for a query: a service, an index, a folder of files.</summary>
/// <remarks>Safe for concurrent calls.</remarks>
public interface ISearchProvider
{
    /// <summary>Name of the provider, for the trace.</summary>
    string Name { get; }

    /// <summary>What is missing and how to get it; null, the default, if the provider can be used.</summary>
    string? Unavailable => null;

    /// <summary>Searches.</summary>
    /// <param name="query">What to look for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was found, best first.</returns>
    /// <exception cref="ToolUnavailableException">The provider cannot be used.</exception>
    Task<IReadOnlyList<SearchResult>> SearchAsync(string query, CancellationToken cancellationToken = default);
}

/// <summary>Something that a search found: untrusted text.</summary>
/// <param name="Title">Its title, if there is one.</param>
/// <param name="Address">Where it lies, if that is known.</param>
/// <param name="Content">The passage, if there is one.</param>
public sealed record SearchResult(string? Title, string? Address, string? Content);
