using Microsoft.Win32.SafeHandles;
using RecursiveMas.Caches;
using RecursiveMas.Shared;

namespace RecursiveMas.Configuration;

/// <summary>Options with what they leave out filled in, checked.</summary>
internal sealed record HubSettings
{
    public required Uri Endpoint { get; init; }

    public required string CacheFolder { get; init; }

    public required string? Token { get; init; }

    /// <summary>Why the network must not be used; null if it may.</summary>
    public required string? OfflineBecause { get; init; }

    /// <summary>Null: if the file system allows.</summary>
    public required bool? SymbolicLinks { get; init; }

    public required TimeSpan MetadataTimeout { get; init; }

    public required TimeSpan DownloadTimeout { get; init; }

    public required int MaxParallelFiles { get; init; }

    public required int MaxAttempts { get; init; }

    public required TimeSpan RetryDelay { get; init; }

    public required TimeSpan MaxRetryAfter { get; init; }

    public required TimeProvider Clock { get; init; }

    /// <summary>Waits until the disk holds a file; null if nobody asked for that.</summary>
    public Action<SafeFileHandle>? Flush { get; init; }

    /// <summary>Free bytes of the disk that holds a folder; null if that cannot be known.</summary>
    public Func<string, long?> FreeSpace { get; init; } = Shared.FreeSpace.Of;

    /// <exception cref="InvalidOptionException">An option or a variable has an impossible value.</exception>
    public static HubSettings Resolve(HubClientOptions options, HubEnvironment environment)
    {
        if (options.MaxParallelFiles < 1)
            throw new InvalidOptionException(
                nameof(options.MaxParallelFiles),
                $"{options.MaxParallelFiles} files side by side are not possible; give 1 or more.");
        if (options.MaxAttempts < 1)
            throw new InvalidOptionException(nameof(options.MaxAttempts), $"{options.MaxAttempts} tries are not possible; give 1 or more.");
        bool offline = options.Offline ?? environment.OfflineBecause is not null;
        return new HubSettings
        {
            Endpoint = CheckEndpoint(
                options.Endpoint?.OriginalString ?? environment.Endpoint,
                options.Endpoint is null ? "HF_ENDPOINT" : nameof(options.Endpoint)),
            CacheFolder = CheckFolder(options, environment),
            Token = CheckToken(options.Token ?? environment.ReadToken()),
            OfflineBecause = !offline ? null : options.Offline == true ? "the client is set to stay offline" : $"{environment.OfflineBecause} is set",
            SymbolicLinks = options.SymbolicLinks ?? (environment.DisableSymbolicLinks ? false : null),
            MetadataTimeout = Positive(options.MetadataTimeout ?? environment.MetadataTimeout ?? TimeSpan.FromSeconds(10), nameof(options.MetadataTimeout)),
            DownloadTimeout = Positive(options.DownloadTimeout ?? environment.DownloadTimeout ?? TimeSpan.FromSeconds(10), nameof(options.DownloadTimeout)),
            MaxParallelFiles = options.MaxParallelFiles,
            MaxAttempts = options.MaxAttempts,
            RetryDelay = Positive(options.RetryDelay, nameof(options.RetryDelay)),
            MaxRetryAfter = Positive(options.MaxRetryAfter, nameof(options.MaxRetryAfter)),
            Clock = options.Clock,
            Flush = options.FlushToDisk ? RandomAccess.FlushToDisk : null,
        };
    }

    private static string CheckFolder(HubClientOptions options, HubEnvironment environment)
    {
        bool given = !string.IsNullOrWhiteSpace(options.CacheFolder);
        string option = given ? nameof(HubClientOptions.CacheFolder) : "HF_HUB_CACHE";
        string folder = UserPath.Full(given ? options.CacheFolder : environment.CacheFolder, option);
        return File.Exists(folder) ? throw new InvalidOptionException(option, $"'{folder}' is a file; the cache is a folder.") : folder;
    }

    private static Uri CheckEndpoint(string text, string option) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? endpoint)
            && endpoint.Scheme is "http" or "https"
            && endpoint.Query.Length == 0
            && endpoint.UserInfo.Length == 0
            ? endpoint
            : throw new InvalidOptionException(
                option,
                $"'{text}' is not the address of a hub. It must begin with https:// or http://, without user, query and fragment.");

    private static string? CheckToken(string? token)
    {
        if (string.IsNullOrWhiteSpace(token))
            return null;
        return token.Trim() is var text && text.All(c => c is > ' ' and <= '~')
            ? text
            : throw new InvalidOptionException(
                nameof(HubClientOptions.Token),
                "the token holds characters that no token has. Check the option, HF_TOKEN or the token file.");
    }

    private static TimeSpan Positive(TimeSpan span, string option) => span > TimeSpan.Zero
        ? span
        : throw new InvalidOptionException(option, $"{span} is not possible; give more than 0.");
}
