using System.Globalization;
using System.Text;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How the search service Tavily is asked.</summary>
public sealed record TavilyOptions
{
    /// <summary>
    /// The key; sent to <see cref="Endpoint"/> only and never logged. Default: the variable TAVILY_API_KEY, else that entry of <see cref="EnvFile"/>.
    /// </summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// Further keys, which take their turn one after another: where the service refuses a key or its allowance is used up, the next one is used from then on.
    /// Like <see cref="ApiKey"/> they are never logged. Default: none.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<string> FurtherKeys { get; init => field = Given.AllNotNull(value, nameof(FurtherKeys)); } = [];

    /// <summary>A file of lines NAME=value that may hold the key. Default: ".env" in the current folder.</summary>
    public string EnvFile { get; init => field = Given.NotNull(value, nameof(EnvFile)); } = ".env";

    /// <summary>Address of the service.</summary>
    public Uri Endpoint { get; init => field = Given.NotNull(value, nameof(Endpoint)); } = new("https://api.tavily.com/search");

    /// <summary>Longest wait for an answer. Default: 15 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Tries of one query, at least 1; only overload and faults of the service (429 and 5xx) are tried again. Default: 3.</summary>
    /// <exception cref="InvalidOptionException">The value is too small.</exception>
    public int MaxAttempts { get; init => field = Given.AtLeast(1, value, nameof(MaxAttempts)); } = 3;

    /// <summary>First wait between two tries; it doubles. Default: 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Clock of waits. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init => field = Given.NotNull(value, nameof(Clock)); } = TimeProvider.System;

    /// <summary>Keys are nobody's business who prints options.</summary>
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"Endpoint = {Endpoint}, Timeout = {Timeout}, MaxAttempts = {MaxAttempts}, RetryDelay = {RetryDelay}");
        return true;
    }
}
