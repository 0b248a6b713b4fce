using System.Text.RegularExpressions;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What a repository holds.</summary>
public enum HubRepositoryKind
{
    /// <summary>Weights, tokenizers, links.</summary>
    Model,

    /// <summary>Questions and answers, tables, files.</summary>
    Dataset,

    /// <summary>An application.</summary>
    Space,
}

/// <summary>The name of a repository of the hub.</summary>
public sealed partial record HubRepository
{
    private const int LongestId = 96;

    /// <summary>Names a repository.</summary>
    /// <param name="id">Owner and name with a slash between, for example "RecursiveMAS/Mixture-Outerlinks"; a few old repositories have no owner.</param>
    /// <param name="kind">What it holds.</param>
    /// <exception cref="InvalidOptionException">The id is not one that the hub can have.</exception>
    public HubRepository(string id, HubRepositoryKind kind = HubRepositoryKind.Model)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!IsId(id))
            throw new InvalidOptionException(
                "repository",
                $"'{ShownText.Of(id)}' is not a repository id. " +
                $"It must read OWNER/NAME, of at most {LongestId} letters, digits, '-', '_' and '.', without '--' and '..'.");

        if (!Enum.IsDefined(kind))
            throw new InvalidOptionException(
                nameof(kind),
                $"{(int)kind} is not a kind of repository. Kinds: {string.Join(", ", Enum.GetNames<HubRepositoryKind>())}.");
        (Id, Kind) = (id, kind);
    }

    /// <summary>Owner and name with a slash between.</summary>
    public string Id { get; }

    /// <summary>What it holds.</summary>
    public HubRepositoryKind Kind { get; }

    /// <summary>The name without the owner.</summary>
    public string Name => Id[(Id.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The folder in a cache: "models--OWNER--NAME".</summary>
    internal string CacheFolder => $"{Plural(Kind)}--{Id.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>Path of the repository in addresses of the interface for programs.</summary>
    internal string ApiPath => $"api/{Plural(Kind)}/{Id}";

    /// <summary>Path of the repository in addresses of pages and files.</summary>
    internal string PagePath => Kind == HubRepositoryKind.Model ? Id : $"{Plural(Kind)}/{Id}";

    /// <summary>Reads "OWNER/NAME", "datasets/OWNER/NAME" or "spaces/OWNER/NAME".</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidOptionException">It is no repository.</exception>
    public static HubRepository Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (HubRepositoryKind kind in Enum.GetValues<HubRepositoryKind>())
        {
            string prefix = Plural(kind) + "/";
            if (text.StartsWith(prefix, StringComparison.Ordinal) && text.Length > prefix.Length)
                return new HubRepository(text[prefix.Length..], kind);
        }

        return new HubRepository(text);
    }

    /// <summary>The repository that a folder of a cache belongs to; null if it is none.</summary>
    internal static HubRepository? FromCacheFolder(string folder)
    {
        foreach (HubRepositoryKind kind in Enum.GetValues<HubRepositoryKind>())
        {
            string prefix = Plural(kind) + "--";
            if (!folder.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            string id = folder[prefix.Length..].Replace("--", "/", StringComparison.Ordinal);
            return IsId(id) ? new HubRepository(id, kind) : null;
        }

        return null;
    }

    /// <summary>"OWNER/NAME", with "datasets/" or "spaces/" before it where it is no model.</summary>
    public override string ToString() => PagePath;

    private static bool IsId(string id) => IdPattern().IsMatch(id) && id.Length <= LongestId && !id.Contains("--", StringComparison.Ordinal)
        && !id.Contains("..", StringComparison.Ordinal) && !id.EndsWith(".git", StringComparison.OrdinalIgnoreCase);

    private static string Plural(HubRepositoryKind kind) => kind switch
    {
        HubRepositoryKind.Dataset => "datasets",
        HubRepositoryKind.Space => "spaces",
        _ => "models",
    };

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
