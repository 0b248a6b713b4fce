using System.Text.RegularExpressions;

namespace RecursiveMas.Shared;

/// <summary>
/// Paths as people, environment files and containers write them, where no shell has put in the home folder and the variables. The rules are
/// those of Python's <c>os.path.expanduser</c> and <c>os.path.expandvars</c>, which the tools of the hub apply.
/// </summary>
internal static partial class UserPath
{
    private const string Accounts = "/etc/passwd";
    private const long LargestAccounts = 16 << 20;

    // The longest of Windows; other systems stop before.
    private const int LongestPath = short.MaxValue;

    /// <summary>The user's home folder: what HOME (on Windows USERPROFILE) says, else, also where that is empty, what the system knows.</summary>
    public static string Home =>
        Environment.GetEnvironmentVariable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { Length: > 0 } home ? home
        : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    /// <summary>The absolute path of a file or folder that a user named; "~" and "~name" at its start stand for home folders.</summary>
    /// <exception cref="InvalidOptionException">The path is null, empty or invalid.</exception>
    public static string Full(string? path, string option = "path")
    {
        if (string.IsNullOrWhiteSpace(path))
            throw new InvalidOptionException(option, "is empty. Name a file or a folder.");
        if (path.Length > LongestPath || path.Contains('\0', StringComparison.Ordinal))
            throw new InvalidOptionException(
                option,
                $"'{ShownText.Of(path)}' is not a path: it {(path.Length > LongestPath ? $"has {path.Length:N0} characters" : "holds a null character")}.");
        try
        {
            return Path.GetFullPath(ExpandHome(path));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new InvalidOptionException(option, $"'{ShownText.Of(path)}' is not a path: {error.Message}");
        }
    }

    /// <summary>Replaces "~" or "~name" at the start by that home folder; an unknown name stays as it is.</summary>
    public static string ExpandHome(string path)
    {
        if (!path.StartsWith('~'))
            return path;
        int end = path.AsSpan().IndexOfAny(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        end = end < 0 ? path.Length : end;
        if (HomeOf(path[1..end]) is not { } home)
            return path;
        string expanded = home.TrimEnd(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar) + path[end..];
        return expanded.Length > 0 ? expanded : Path.DirectorySeparatorChar.ToString();
    }

    /// <summary>The same, and then the variables: $NAME, ${NAME} and on Windows %NAME%. Unknown ones stay as they are.</summary>
    public static string ExpandAll(string path)
    {
        path = Variable().Replace(ExpandHome(path), Value);
        return OperatingSystem.IsWindows() ? WindowsVariable().Replace(path, Value) : path;
    }

    private static string Value(Match match) => Environment.GetEnvironmentVariable(match.Groups["name"].Value) ?? match.Value;

    private static string? HomeOf(string user)
    {
        if (user.Length == 0)
            return Home;
        if (OperatingSystem.IsWindows())
            return user == Environment.UserName ? Home : Path.Combine(Path.GetDirectoryName(Home) ?? Home, user);
        try
        {
            // Name, password, ids, comment, home folder, shell.
            return new FileInfo(Accounts) is { Exists: true, Length: <= LargestAccounts }
                ? File.ReadLines(Accounts).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 5 && fields[0] == user)?[5]
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\$(?<name>[A-Za-z0-9_]+)|\$\{(?<name>[^}]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.CultureInvariant)]
    private static partial Regex WindowsVariable();
}
