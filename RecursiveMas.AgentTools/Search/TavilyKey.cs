using RecursiveMas.Shared;

namespace RecursiveMas.Search;

/// <summary>Finds the key of the service: in the options, the environment, or a file of variables. Placeholders are no keys.</summary>
internal static class TavilyKey
{
    private const string Variable = "TAVILY_API_KEY";
    private const long LargestFile = 1 << 20;

    private static readonly string[] s_placeholders = ["xxx", "changeme", "change_me", "placeholder", "your", "api_key", "apikey", "todo", "none", "null"];

    /// <summary>The key, or why there is none.</summary>
    public static (string? Key, string Problem) Find(TavilyOptions options)
    {
        (string? key, string source) = options.ApiKey is { } given ? (given, nameof(TavilyOptions.ApiKey))
            : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? (variable, $"the variable {Variable}")
            : (FromFile(options.EnvFile), $"{Variable} in {options.EnvFile}");
        key = key is null ? null : TextTrim.Both(key);
        if (string.IsNullOrEmpty(key))
        {
            return (
                null,
                $"there is no key. Get one at tavily.com and set {nameof(TavilyOptions)}.{nameof(TavilyOptions.ApiKey)}, or the variable {Variable}.");
        }

        return IsPlaceholder(key)
            ? (null, $"{source} holds a placeholder, not a key. Put the key from tavily.com there.")
            : (key, "");
    }

    /// <summary>All keys in the order of their turns, or why there is none.</summary>
    public static (IReadOnlyList<string> Keys, string Problem) FindAll(TavilyOptions options)
    {
        (string? first, string problem) = Find(options);
        if (first is null)
            return ([], problem);
        string[] keys = [first, .. options.FurtherKeys.Select(TextTrim.Both)];
        int placeholder = Array.FindIndex(keys, IsPlaceholder);
        return placeholder < 0
            ? ([.. keys.Distinct(StringComparer.Ordinal)], "")
            : ([], $"entry {placeholder} of {nameof(TavilyOptions.FurtherKeys)} is a placeholder, not a key. Put a key from tavily.com there.");
    }

    private static bool IsPlaceholder(string key)
    {
        string plain = key.StartsWith("tvly-", StringComparison.OrdinalIgnoreCase) ? key[5..] : key;
        return plain.Length < 8
            || plain.Distinct().Count() < 3
            || plain.Any(letter => letter is '<' or '>' or '$' or '{' or '}' || TextTrim.IsSpace(letter) || letter > '~')
            || s_placeholders.Any(word => plain.StartsWith(word, StringComparison.OrdinalIgnoreCase));
    }

    private static string? FromFile(string path)
    {
        string full = UserPath.Full(path, nameof(TavilyOptions.EnvFile));
        try
        {
            if (new FileInfo(full) is not { Exists: true, Length: <= LargestFile })
                return null;
            foreach (string line in File.ReadLines(full).Select(TextTrim.Both))
            {
                int equals = line.IndexOf('=', StringComparison.Ordinal);
                if (line.StartsWith('#') || equals < 0)
                    continue;
                string name = TextTrim.Both(line[..equals]);
                if (name == Variable || name == $"export {Variable}")
                    return TextTrim.Both(line[(equals + 1)..]).Trim('"', '\'');
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A file that may not be read holds no key for us.
        }

        return null;
    }
}
