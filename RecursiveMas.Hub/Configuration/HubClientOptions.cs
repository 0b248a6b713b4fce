namespace RecursiveMas;

/// <summary>How a <see cref="HubClient"/> works. What is left out comes from the environment variables of the Hugging Face tools.</summary>
public sealed record HubClientOptions
{
    /// <summary>Address of the hub. Default: HF_ENDPOINT, else the Hugging Face hub.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Cache folder. Default: HF_HUB_CACHE, else "hub" in HF_HOME, else in ~/.cache/huggingface.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// Access token, sent to <see cref="Endpoint"/> only and never logged. Default: HF_TOKEN, else the file that HF_TOKEN_PATH names, else "token" in HF_HOME;
    /// none if HF_HUB_DISABLE_IMPLICIT_TOKEN is set. An empty text sends none.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>Never open a connection. Default: whether HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set.</summary>
    public bool? Offline { get; init; }

    /// <summary>
    /// Whether snapshots hold symbolic links to blobs rather than files. Default: where the cache's file system allows links and
    /// HF_HUB_DISABLE_SYMLINKS is not set.
    /// </summary>
    public bool? SymbolicLinks { get; init; }

    /// <summary>Longest wait for an answer that is no file. Default: HF_HUB_ETAG_TIMEOUT in seconds, else 10 s.</summary>
    public TimeSpan? MetadataTimeout { get; init; }

    /// <summary>Longest wait for the next bytes of a file. Default: HF_HUB_DOWNLOAD_TIMEOUT in seconds, else 10 s.</summary>
    public TimeSpan? DownloadTimeout { get; init; }

    /// <summary>Files that are downloaded side by side, from 1. Default: 4.</summary>
    public int MaxParallelFiles { get; init; } = 4;

    /// <summary>Tries of one request, and of one file without progress between them, from 1. Default: 5.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>First wait between two tries; it doubles up to eight times its length. A hub that says how long to wait is obeyed. Default: 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait that a hub may ask for; a longer one is an error that says when to try again. Default: 5 minutes.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Wait until the disk holds a file before the file gets its name, so that it is whole even after a power cut; on a fast network that makes downloads
    /// slower. Default: false, as with other clients: the system writes within about half a minute, and <see cref="HubCache.Verify"/> tells
    /// whether files are whole.
    /// </summary>
    public bool FlushToDisk { get; init; }

    /// <summary>Clock of waits between tries and of speeds. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
