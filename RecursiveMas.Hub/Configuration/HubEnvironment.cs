using System.Globalization;
using RecursiveMas.Checkpoints;
using RecursiveMas.Shared;

namespace RecursiveMas.Configuration;

/// <summary>The environment variables of the Hugging Face tools.</summary>
/// <param name="variable">Reads a variable; null or empty means that it is not set.</param>
internal sealed class HubEnvironment(Func<string, string?> variable)
{
    public const string DefaultEndpoint = "https://huggingface.co";

    private const long LongestToken = 4096;

    public static HubEnvironment Process { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>HF_ENDPOINT.</summary>
    public string Endpoint => Text("HF_ENDPOINT") ?? DefaultEndpoint;

    /// <summary>
    /// The cache folder, whether it exists or not. A "~" and variables in the values are expanded as huggingface_hub does: no shell has seen those of
    /// environment files and containers.
    /// </summary>
    public string CacheFolder => UserPath.ExpandAll(Text("HF_HUB_CACHE") ?? Text("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(Home, "hub"));

    /// <summary>The variable that forbids the network; null if none does.</summary>
    public string? OfflineBecause => new[] { "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE" }.FirstOrDefault(IsOn);

    public bool DisableSymbolicLinks => IsOn("HF_HUB_DISABLE_SYMLINKS");

    public bool DisableProgressBars => IsOn("HF_HUB_DISABLE_PROGRESS_BARS");

    public TimeSpan? MetadataTimeout => Seconds("HF_HUB_ETAG_TIMEOUT");

    public TimeSpan? DownloadTimeout => Seconds("HF_HUB_DOWNLOAD_TIMEOUT");

    private string Home => UserPath.ExpandAll(Text("HF_HOME") ?? Path.Combine(Text("XDG_CACHE_HOME") ?? Path.Combine(UserPath.Home, ".cache"), "huggingface"));

    /// <summary>The access token of the variables or of the token file; null if there is none or none is to be used.</summary>
    /// <exception cref="InvalidOptionException">The token file is no token.</exception>
    public string? ReadToken()
    {
        if (IsOn("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
            return null;
        if ((Text("HF_TOKEN") ?? Text("HUGGING_FACE_HUB_TOKEN")) is { } token)
            return token.Trim();
        string file = Text("HF_TOKEN_PATH") is { } path ? UserPath.ExpandAll(path) : Path.Combine(Home, "token");
        try
        {
            var info = new FileInfo(file);
            if (!info.Exists)
                return null;
            if (info.Length > LongestToken)
                throw new InvalidOptionException("HF_TOKEN_PATH", $"{file} has {info.Length:N0} bytes, too many for a token.");
            string text = File.ReadAllText(file).Trim();
            return text.Length == 0 ? null : text;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOptionException("HF_TOKEN_PATH", $"the token file {file} cannot be read: {error.Message}");
        }
    }

    private string? Text(string name) => variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    private bool IsOn(string name) => Text(name)?.Trim().ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private TimeSpan? Seconds(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds > 0 && seconds < int.MaxValue / 1000
            ? TimeSpan.FromSeconds(seconds)
            : throw new InvalidOptionException(name, $"'{text}' is not a number of seconds greater than 0.");
    }
}
