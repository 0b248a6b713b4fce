namespace RecursiveMas.Repositories;

/// <summary>Judges names of files that come from the hub, by the rules of POSIX and Windows alike.</summary>
internal static class RepositoryPath
{
    private const int LongestSegment = 255;
    private const int LongestPath = 1024;

    /// <summary>What is unsafe about a relative path; null if nothing is.</summary>
    public static string? Fault(string path)
    {
        if (path.Length is 0 or > LongestPath)
            return path.Length == 0 ? "is empty" : $"is longer than {LongestPath} characters";
        if (path.Any(char.IsControl))
            return "holds control characters";
        if (path.Contains('\\', StringComparison.Ordinal) || path.Contains(':', StringComparison.Ordinal))
            return "holds a backslash or a colon, which would leave the folder on Windows";
        foreach (string segment in path.Split('/'))
        {
            if (segment.Length is 0 or > LongestSegment)
                return segment.Length == 0 ? "is absolute or holds an empty part" : $"holds a part longer than {LongestSegment} characters";
            // Windows drops dots and spaces at the end of a name, so that ".. " is "..".
            if (segment.AsSpan().Trim(". ").IsEmpty)
                return "leaves its folder";
        }

        return null;
    }
}
