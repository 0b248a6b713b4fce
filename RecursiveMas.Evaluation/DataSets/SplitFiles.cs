using System.IO.Enumeration;
using System.Text.RegularExpressions;
using RecursiveMas.DataSets.Rows;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace RecursiveMas.DataSets;

/// <summary>Which files of a repository hold a split: as its card says, otherwise as the names of files say.</summary>
internal static class SplitFiles
{
    private const string Default = "default";
    private const int MostPatterns = 2000;

    /// <summary>The files of a split, in order.</summary>
    /// <param name="paths">All files.</param>
    /// <param name="card">The repository's README.md; null if it has none.</param>
    /// <param name="configuration">The configuration; null for the default one.</param>
    /// <param name="split">The split.</param>
    /// <param name="source">The repository, for messages.</param>
    /// <exception cref="DataSetException">There is no such configuration or split.</exception>
    public static string[] Of(IReadOnlyList<string> paths, string? card, string? configuration, string split, string source)
    {
        string[] tables = [.. paths.Where(RowFile.IsKnown).Order(StringComparer.Ordinal)];
        if (Declared(card, configuration, source) is { Count: > 0 } declared)
        {
            string[] patterns = [.. declared.Where(entry => entry.Split == split).SelectMany(entry => entry.Patterns)];
            if (patterns.Length > MostPatterns)
                throw new DataSetException(source, $"its card names {patterns.Length} files of split '{split}', more than {MostPatterns}.");
            string[] found = [.. patterns.SelectMany(pattern => tables.Where(path => Matches(pattern, path))).Distinct()];
            return found.Length > 0 ? found : throw new DataSetException(
                source,
                $"it has no split '{split}'. Its card names: {string.Join(", ", declared.Select(entry => entry.Split).Distinct())}. " +
                $"Choose one by {nameof(QuestionSetOptions)}.{nameof(QuestionSetOptions.Split)}.");
        }

        string[] named =
        [
            .. tables.Where(path => IsNamed(path, split) && (configuration is null || IsNamed(path, configuration))),
        ];
        if (named.Length > 0)
            return named;
        // One table for each configuration, or one in all, is "train".
        string[] whole = [.. tables.Where(path => configuration is null ? tables.Length == 1 : Path.GetFileNameWithoutExtension(path) == configuration)];
        return split == "train" && whole.Length > 0 ? whole : throw new DataSetException(
            source,
            $"no file of it is known to hold split '{split}'{(configuration is null ? "" : $" of configuration '{configuration}'")}. " +
            $"Files that can be read: {(tables.Length > 0 ? string.Join(", ", tables.Take(20)) : "none")}. Download one and name it by " +
            $"{nameof(QuestionSetOptions)}.{nameof(QuestionSetOptions.Files)}.");
    }

    /// <summary>What a card declares for a configuration; null if it declares nothing.</summary>
    private static List<(string Split, string[] Patterns)>? Declared(string? card, string? configuration, string source)
    {
        if (Head(card) is not { } head || head.GetValueOrDefault("configs") is not List<object?> configs)
            return null;
        Dictionary<object, object?>[] maps = [.. configs.OfType<Dictionary<object, object?>>().Where(map => map.ContainsKey("data_files"))];
        if (maps.Length == 0)
            return null;
        string Name(Dictionary<object, object?> map) => map.GetValueOrDefault("config_name") as string ?? Default;
        Dictionary<object, object?>? chosen = configuration is not null
            ? maps.FirstOrDefault(map => Name(map) == configuration)
            : maps.FirstOrDefault(map => map.GetValueOrDefault("default") is "true") ?? maps.FirstOrDefault(map => Name(map) == Default)
                ?? (maps.Length == 1 ? maps[0] : null);
        if (chosen is null)
        {
            throw new DataSetException(
                source,
                $"{(configuration is null ? "a configuration must be chosen" : $"it has no configuration '{configuration}'")}. Its card names: " +
                $"{string.Join(", ", maps.Select(Name))}. Choose one by {nameof(QuestionSetOptions)}.{nameof(QuestionSetOptions.Configuration)}.");
        }

        return [.. Entries(chosen["data_files"])];
    }

    private static IEnumerable<(string Split, string[] Patterns)> Entries(object? files) => files switch
    {
        string pattern => [("train", [pattern])],
        Dictionary<object, object?> map when map.ContainsKey("path") => [(map.GetValueOrDefault("split") as string ?? "train", Patterns(map["path"]))],
        Dictionary<object, object?> map => map.Select(entry => (entry.Key.ToString()!, Patterns(entry.Value))),
        List<object?> list when list.All(entry => entry is string) => [("train", Patterns(list))],
        // One level only: a list of YAML can hold itself.
        List<object?> list => list.OfType<Dictionary<object, object?>>().SelectMany(Entries),
        _ => [],
    };

    private static string[] Patterns(object? value) => value switch
    {
        string pattern => [pattern],
        List<object?> list => [.. list.OfType<string>()],
        _ => [],
    };

    /// <summary>The YAML between the dashes at the top of a card.</summary>
    private static Dictionary<object, object?>? Head(string? card)
    {
        string[] lines = (card ?? "").ReplaceLineEndings("\n").Split('\n');
        int end = lines.Length > 0 && lines[0].TrimEnd() == "---" ? Array.FindIndex(lines, 1, line => line.TrimEnd() == "---") : -1;
        if (end < 0)
            return null;
        try
        {
            return new DeserializerBuilder().Build().Deserialize<Dictionary<object, object?>?>(string.Join('\n', lines[1..end]));
        }
        catch (YamlException)
        {
            // A card that cannot be read says nothing; names of files still do.
            return null;
        }
    }

    private static bool Matches(string pattern, string path)
    {
        pattern = pattern.Replace("**/", "*", StringComparison.Ordinal).Replace("**", "*", StringComparison.Ordinal);
        return FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false);
    }

    /// <summary>Whether a word stands in a path, between marks.</summary>
    private static bool IsNamed(string path, string word) =>
        Regex.IsMatch(path, $@"(^|[/._\-]){Regex.Escape(word)}([/._\-]|$)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
}
