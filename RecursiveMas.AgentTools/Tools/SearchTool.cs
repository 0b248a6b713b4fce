using RecursiveMas.Search;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>The tool "search": hands a query to a provider and returns titles, addresses and passages.</summary>
/// <remarks>Immutable; safe for concurrent calls.</remarks>
public sealed class SearchTool : IMasTool
{
    private readonly ISearchProvider _provider;

    /// <summary>Creates the tool.</summary>
    /// <param name="provider">Who searches; it stays the caller's.</param>
    /// <exception cref="ArgumentNullException">There is no provider.</exception>
    public SearchTool(ISearchProvider provider) => _provider = Given.NotNull(provider);

    /// <summary>"search".</summary>
    public string Name => "search";

    /// <summary>Results that are shown, at least 1. Default: 4.</summary>
    /// <exception cref="InvalidOptionException">The value is too small.</exception>
    public int MaxResults { get; init => field = Given.AtLeast(1, value, nameof(MaxResults)); } = 4;

    /// <summary>Characters of each passage, counted in Unicode code points, at least 1. Default: 320.</summary>
    /// <exception cref="InvalidOptionException">The value is too small.</exception>
    public int MaxContentChars { get; init => field = Given.AtLeast(1, value, nameof(MaxContentChars)); } = 320;

    /// <inheritdoc/>
    public ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(_provider.Unavailable);

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(string input, ToolContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(context);
        if (_provider.Unavailable is { } reason)
            throw new ToolUnavailableException(Name, reason);
        IReadOnlyList<SearchResult> results = await _provider.SearchAsync(input, cancellationToken).ConfigureAwait(false);
        return new ToolResult(SearchText.Of(input, results, MaxResults, MaxContentChars)) { Provider = _provider.Name };
    }
}
