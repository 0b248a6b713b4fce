using System.Reflection;

namespace RecursiveMas;

/// <summary>Where the files of the embedded tiny systems are.</summary>
public static class TinySystemFiles
{
    /// <summary>The assembly whose resources hold the files, each under the name <c>SYSTEM/REPOSITORY/FILE</c>.</summary>
    public static Assembly Assembly => typeof(TinySystemFiles).Assembly;

    /// <summary>Names of the embedded systems.</summary>
    public static IReadOnlyList<string> Systems { get; } =
    [
        .. Assembly.GetManifestResourceNames()
            .Where(name => name.Contains('/', StringComparison.Ordinal))
            .Select(name => name[..name.IndexOf('/', StringComparison.Ordinal)])
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];
}
