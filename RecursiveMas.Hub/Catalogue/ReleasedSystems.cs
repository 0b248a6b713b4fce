using System.Text.Json;
using RecursiveMas.Catalogue;

namespace RecursiveMas;

/// <summary>The released RecursiveMAS systems.</summary>
public static class ReleasedSystems
{
    private const int BytesPerParameter = 2;

    private static readonly Lazy<IReadOnlyList<ReleasedSystem>> s_all = new(Read);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ReleasedSystem> All => s_all.Value;

    /// <summary>The system of a name; null if there is none.</summary>
    /// <param name="name">For example "sequential_light".</param>
    public static ReleasedSystem? TryFind(string name) => All.FirstOrDefault(system => system.Name == name);

    /// <summary>The system that a repository belongs to; null if it is none of these.</summary>
    /// <param name="repository">The repository.</param>
    public static ReleasedSystem? TryFind(HubRepository repository) => All.FirstOrDefault(system => system.Repositories.Contains(repository));

    /// <summary>About how large a repository is; null if it is none of a released system.</summary>
    internal static long? ApproximateBytes(HubRepository repository) => TryFind(repository) is { } system
        ? system.Agents.FirstOrDefault(agent => agent.Repository == repository)?.ApproximateBytes ?? system.LinkBytes
        : null;

    /// <summary>What the command line calls these repositories: a system if they are all of one, else themselves.</summary>
    internal static string CommandFor(IReadOnlyList<HubRepository> repositories) =>
        repositories.Select(repository => TryFind(repository)?.Name).Distinct().ToArray() is [{ } name] ? name : string.Join(' ', repositories);

    private static ReleasedSystem[] Read()
    {
        using Stream stream = typeof(ReleasedSystems).Assembly.GetManifestResourceStream("released-systems.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        string licence = document.RootElement.GetProperty("card_licence").GetString()!;
        return [.. document.RootElement.GetProperty("systems").EnumerateArray().Select(system => System(system, licence))];
    }

    private static ReleasedSystem System(JsonElement system, string licence)
    {
        string[] tasks = [.. system.GetProperty("tasks").EnumerateArray().Select(task => task.GetString()!)];
        ReleasedAgent[] agents = [.. system.GetProperty("agents").EnumerateArray().Select(agent => Agent(agent, tasks, licence))];
        int Width(string role) => agents.Single(agent => agent.Role == role).HiddenSize;
        return new ReleasedSystem
        {
            Name = Text(system, "name"),
            Tasks = tasks,
            Agents = agents,
            LinkRepository = new HubRepository(Text(system, "link_repository")),
            LinkRevision = system.GetProperty("link_revision").GetString(),
            LinkLicence = licence,
            Links = [.. system.GetProperty("links").EnumerateArray().Select(link => new ReleasedLink
            {
                Key = Text(link, "key"),
                From = Text(link, "from"),
                To = Text(link, "to"),
                InputSize = Width(Text(link, "from")),
                OutputSize = Width(Text(link, "to")),
                ExpectedFiles = link
                    .GetProperty("files")
                    .EnumerateObject()
                    .ToDictionary(file => file.Name, file => file.Value.GetString()!, StringComparer.Ordinal),
            })],
        };
    }

    private static ReleasedAgent Agent(JsonElement agent, string[] tasks, string licence)
    {
        int width = agent.GetProperty("hidden_size").GetInt32();
        return new ReleasedAgent
        {
            Role = Text(agent, "role"),
            Repository = new HubRepository(Text(agent, "repository")),
            Revision = agent.GetProperty("revision").GetString(),
            BaseModel = Text(agent, "base_model"),
            CardLicence = licence,
            BaseLicence = Text(agent, "base_licence"),
            HiddenSize = width,
            ExpectedInnerLinks = tasks.Length == 0
                ? new Dictionary<string, string>(StringComparer.Ordinal) { [""] = SystemFiles.SharedInnerLink }
                : tasks.ToDictionary(task => task, SystemFiles.InnerLinkOf, StringComparer.Ordinal),
            ApproximateBytes = (BytesPerParameter * agent.GetProperty("approximate_parameters").GetInt64()) +
                (LinkSizes.Inner(width) * Math.Max(tasks.Length, 1)),
        };
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
