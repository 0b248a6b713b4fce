using System.Text.Json;
using RecursiveMas.Caches;
using RecursiveMas.Repositories;
using RecursiveMas.Shared;

namespace RecursiveMas.Protocol;

/// <summary>Asks the hub which commit a revision stands for and which files a commit has.</summary>
internal sealed class RepositoryLister(HubHttp http)
{
    private const int MostFiles = 100_000;
    private const int MostPages = 1_000;
    private const int LargestPage = 16 << 20;
    private const int LargestAnswer = 4 << 20;

    /// <summary>The commit of a revision, and the licence that the card names there. A commit is not asked for, so that its licence stays unknown.</summary>
    public async Task<(string Commit, string? Licence)> ResolveAsync(HubRepository repository, string revision, CancellationToken cancellationToken)
    {
        if (HubRevision.IsCommit(revision))
            return (revision, null);
        var call = new HubCall(HttpMethod.Get, http.Addresses.Revision(repository, revision), Subject(repository, revision)) { Repository = repository };
        byte[] body = await http.SendAsync(
            call,
            (response, limit) => BoundedBody.ReadAsync(response, call, LargestAnswer, limit),
            cancellationToken).ConfigureAwait(false);
        using JsonDocument document = Parse(body, call);
        string? commit = document.RootElement.ValueKind == JsonValueKind.Object ? Text(document.RootElement, "sha") : null;
        return commit is not null && HubRevision.IsCommit(commit)
            ? (commit, CardLicence.Read(document.RootElement))
            : throw new HubProtocolException(
                call.Subject,
                $"{call.Address.Host} names no commit of 40 hexadecimal digits for this revision. Check the endpoint.");
    }

    /// <summary>All files of a commit.</summary>
    /// <exception cref="HubProtocolException">The list holds unsafe names or never ends; nothing of it is used.</exception>
    public async Task<IReadOnlyList<HubFile>> ListAsync(HubRepository repository, string commit, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, HubFile>(StringComparer.Ordinal);
        var seen = new HashSet<Uri>();
        string subject = Subject(repository, commit);
        for (Uri? page = http.Addresses.Tree(repository, commit); page is not null;)
        {
            if (!seen.Add(page) || seen.Count > MostPages)
                throw Endless();
            var call = new HubCall(HttpMethod.Get, page, subject) { Repository = repository };
            (byte[] body, Uri? next) = await http.SendAsync(
                call,
                async (response, limit) => (await BoundedBody.ReadAsync(response, call, LargestPage, limit).ConfigureAwait(false), Next(call, response)),
                cancellationToken).ConfigureAwait(false);
            int before = files.Count;
            bool any = AddPage(files, body, call);
            if (files.Count > MostFiles || (next is not null && !any))
                throw Endless();
            page = next;
        }

        return [.. files.Values.OrderBy(file => file.Path, StringComparer.Ordinal)];

        HubProtocolException Endless() => new(
            subject,
            $"the list of its files does not end: more than {MostFiles:N0} files or {MostPages:N0} pages, or pages that repeat. Check the endpoint.");
    }

    private static string Subject(HubRepository repository, string revision) => $"{repository}@{revision}";

    private static bool AddPage(Dictionary<string, HubFile> files, byte[] body, HubCall call)
    {
        using JsonDocument document = Parse(body, call);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new HubProtocolException(call.Subject, $"{call.Address.Host} answers with something that is not a list of files. Check the endpoint.");
        bool any = false;
        foreach (JsonElement entry in document.RootElement.EnumerateArray())
        {
            any = true;
            if (files.Count > MostFiles)
                break;
            HubFile? file = Entry(entry, call);
            if (file is not null && !files.TryAdd(file.Path, file) && files[file.Path] != file)
                throw new HubProtocolException(call.Subject, $"the hub lists '{file.Path}' twice with different content. Try again.");
        }

        return any;
    }

    /// <summary>One entry; null for folders.</summary>
    private static HubFile? Entry(JsonElement entry, HubCall call)
    {
        string? type = entry.ValueKind == JsonValueKind.Object ? Text(entry, "type") : null;
        string? path = type is null ? null : Text(entry, "path");
        if (path is null)
            throw new HubProtocolException(call.Subject, "the hub lists an entry without a type and a path. Check the endpoint.");
        if (RepositoryPath.Fault(path) is { } fault)
            throw new HubProtocolException(
                call.Subject,
                $"the hub lists the file '{ShownText.Of(path)}', whose name {fault}. Nothing of this repository is downloaded.");
        if (type != "file")
            return null;
        bool large = entry.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object;
        string? id = Text(entry, "oid"), sha256 = large ? Text(lfs, "oid") : null;
        long? size = large ? Number(lfs, "size") : Number(entry, "size");
        return id is not null
            && ContentHash.IsGitId(id)
            && (!large || (sha256 is not null && ContentHash.IsSha256(sha256)))
            && size is >= 0 and <= HubFile.LargestSize
            ? new HubFile(path, size.Value, id, sha256)
            : throw new HubProtocolException(
                call.Subject,
                $"the hub lists '{ShownText.Of(path)}' without a size and a hash by which it could be verified. Check the endpoint.");
    }

    /// <summary>The next page, as the Link header names it.</summary>
    private Uri? Next(HubCall call, HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out IEnumerable<string>? links))
            return null;
        foreach (string link in links.SelectMany(link => link.Split(',')))
        {
            int open = link.IndexOf('<', StringComparison.Ordinal), close = link.IndexOf('>', StringComparison.Ordinal);
            if (open < 0 || close < open || !link.AsSpan(close).Contains("rel=\"next\"", StringComparison.Ordinal))
                continue;
            if (!Uri.TryCreate(call.Address, link[(open + 1)..close], out Uri? next) || !http.Addresses.IsHub(http.Addresses.Own(next)))
                throw new HubProtocolException(
                    call.Subject,
                    $"the hub names a next page of its list on another host: {ShownText.Of(link)}. Check the endpoint.");
            return http.Addresses.Own(next);
        }

        return null;
    }

    private static JsonDocument Parse(byte[] body, HubCall call)
    {
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
        }
        catch (JsonException error)
        {
            throw new HubProtocolException(
                call.Subject,
                $"{call.Address.Host} answers with something that is not JSON: it is not a hub, or a proxy answers in its place. Check the endpoint.",
                error);
        }
    }

    private static string? Text(JsonElement entry, string name)
    {
        try
        {
            return entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: no name that anything could have.
            return null;
        }
    }

    private static long? Number(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;
}
