using System.Text.Json;
using RecursiveMas.Catalogue;

namespace RecursiveMas;

/// <summary>Downloads of released systems.</summary>
public static class SystemDownloads
{
    /// <summary>
    /// Finds out which files a released system needs, and which of them have to be downloaded: configurations, tokenizers, weights in one format, and
    /// the links of the tasks. Manifests are read, nothing is written.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="system">The system.</param>
    /// <param name="tasks">Tasks whose links are wanted; null for all of the system. Systems with one set of links take no notice.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="HubOfflineException">The network must not be used or cannot be reached, and the cache lacks something; all of it is listed.</exception>
    /// <exception cref="HubException">The hub refuses, or a repository is not what the system needs.</exception>
    public static Task<HubPlan> PlanAsync(
        this HubClient client,
        ReleasedSystem system,
        IReadOnlyCollection<string>? tasks = null,
        CancellationToken cancellationToken = default) =>
        Plan(client, system, tasks, fromCache: false, cancellationToken);

    /// <summary>As <see cref="PlanAsync"/>, but from the cache alone: no connection is opened, whatever the client's options are.</summary>
    /// <param name="client">The client.</param>
    /// <param name="system">The system.</param>
    /// <param name="tasks">Tasks whose links are wanted; null for all of the system.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="HubOfflineException">The cache lacks something; all of it is listed.</exception>
    public static Task<HubPlan> PlanFromCacheAsync(
        this HubClient client,
        ReleasedSystem system,
        IReadOnlyCollection<string>? tasks = null,
        CancellationToken cancellationToken = default) =>
        Plan(client, system, tasks, fromCache: true, cancellationToken);

    private static Task<HubPlan> Plan(
        HubClient client,
        ReleasedSystem system,
        IReadOnlyCollection<string>? tasks,
        bool fromCache,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(system);
        string[] wanted = system.Tasks.Count == 0 ? [] : [.. (tasks ?? system.Tasks).Distinct(StringComparer.Ordinal)];
        string? unknown = wanted.FirstOrDefault(task => !system.Tasks.Contains(task));
        if (unknown is not null)
            throw new InvalidOptionException("task", $"'{system.Name}' has no links for the task '{unknown}'. Tasks: {string.Join(", ", system.Tasks)}.");
        HubDownload[] downloads =
        [
            .. system.Agents.Select(agent => new HubDownload(agent.Repository)
            {
                Revision = agent.Revision,
                Filter = HubFileFilter.OfContent(async (listing, read) =>
                {
                    JsonElement? links = await JsonAsync(listing, SystemFiles.InnerManifest, read).ConfigureAwait(false);
                    JsonElement? weights = await JsonAsync(listing, SystemFiles.WeightIndex, read).ConfigureAwait(false);
                    return Chosen(agent.Repository, () => SystemFiles.OfAgent(listing.Files, links, weights, wanted, agent.Repository));
                }),
            }),
            new HubDownload(system.LinkRepository)
            {
                Revision = system.LinkRevision,
                Filter = HubFileFilter.OfContent(async (listing, read) =>
                {
                    JsonElement? links = await JsonAsync(listing, SystemFiles.OuterManifest, read).ConfigureAwait(false);
                    return Chosen(system.LinkRepository, () => SystemFiles.OfLinks(listing.Files, links, wanted, system.LinkRepository));
                }),
            },
        ];
        return fromCache ? client.PlanFromCacheAsync(downloads, cancellationToken) : client.PlanAsync(downloads, cancellationToken);
    }

    private static IReadOnlyList<HubFile> Chosen(HubRepository repository, Func<IReadOnlyList<HubFile>> choose)
    {
        try
        {
            return choose();
        }
        catch (InvalidOperationException error)
        {
            throw new HubProtocolException(repository.ToString(), $"a manifest of it holds text that is not Unicode: {error.Message}", error);
        }
    }

    /// <summary>A file of a repository that says what else is needed; null if it has none.</summary>
    private static async Task<JsonElement?> JsonAsync(HubListing listing, string name, Func<HubFile, Task<byte[]>> read)
    {
        if (listing.Find(name) is not { } file)
            return null;
        byte[] json = await read(file).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new HubProtocolException($"{listing.Repository}/{name}", CheckpointJson.Fault(error), error);
        }
    }
}
