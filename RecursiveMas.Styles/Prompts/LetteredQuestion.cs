using System.Text.RegularExpressions;

namespace RecursiveMas.Prompts;

/// <summary>Whether a question offers lettered answers: some line begins with a letter A to D, a mark, and white space.</summary>
internal static partial class LetteredQuestion
{
    public static bool Is(string question) => Option().IsMatch(question);

    [GeneratedRegex(@"^\s*[A-D]\s*[.):\-]\s", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Option();
}
