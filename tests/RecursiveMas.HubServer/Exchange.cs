using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RecursiveMas.HubServer;

/// <summary>One request and its answer.</summary>
internal sealed class Exchange(HubServer server, HttpContext context, ServedRequest request, Fault? fault)
{
    private static readonly string[] s_kinds = ["models", "datasets", "spaces"];
    private static readonly ServedFile s_listed = ServedFile.Of("listed");

    public async Task AnswerAsync()
    {
        if (fault is { Status: { } status })
            await WriteAsync(status, fault.Body ?? "");
        else if (request.Storage)
            await StorageAsync();
        else if (request.Path.StartsWith("/api/resolve-cache/", StringComparison.Ordinal))
            await FileAsync(request.Path["/api/resolve-cache/".Length..], "/");
        else if (request.Path.StartsWith("/api/", StringComparison.Ordinal))
            await ApiAsync();
        else if (request.Path.Contains("/resolve/", StringComparison.Ordinal))
            await FileAsync(
                s_kinds.Any(kind => request.Path.StartsWith($"/{kind}/", StringComparison.Ordinal)) ? request.Path[1..] : "models" + request.Path,
                "/resolve/");
        else
            await WriteAsync(404, "no such page");
    }

    private async Task ApiAsync()
    {
        string[] parts = request.Path["/api/".Length..].Split('/', 5);
        if (parts.Length < 5 || await FindAsync(parts[0], $"{parts[1]}/{parts[2]}") is not { } repository)
        {
            if (!context.Response.HasStarted && context.Response.StatusCode == 200)
                await WriteAsync(404, "no such interface");
            return;
        }

        // The revision is one escaped part of the address, which the decoded path no longer shows.
        string revision = Uri.UnescapeDataString(request.RawTarget.Split('?')[0].Split('/')[6]);
        if (repository.Resolve(revision) is not { } commit)
            await RefuseAsync(404, "RevisionNotFound", "Invalid rev id");
        else if (parts[3] == "revision")
            await WriteAsync(
                200,
                JsonSerializer.Serialize(
                    new
                    {
                        _id = "0",
                        id = repository.Id,
                        modelId = repository.Id,
                        sha = commit,
                        @private = false,
                        gated = false,
                        downloads = 0,
                        likes = 0,
                        lastModified = "2026-01-01T00:00:00.000Z",
                        tags = repository.Tags,
                        cardData = repository.CardData,
                    }));
        else if (parts[3] == "tree")
            await TreeAsync(repository, commit);
        else if (parts[3] == "paths-info")
            await PathsInfoAsync(repository, commit);
        else
            await WriteAsync(404, "no such interface");
    }

    private async Task TreeAsync(ServedRepository repository, string commit)
    {
        IReadOnlyDictionary<string, ServedFile> files = repository.At(commit);
        IEnumerable<object> folders = files.Keys
            .Where(path => path.Contains('/', StringComparison.Ordinal))
            .Select(path => path[..path.LastIndexOf('/')])
            .Distinct()
            .Select(path => (object)new { type = "directory", oid = new string('0', 40), size = 0, path });
        object[] all =
        [
            .. folders, .. files.Select(file => Entry(file.Key, file.Value, null)),
            .. repository.ListedPaths.Select(path => Entry(path, s_listed, null)),
        ];
        int from = int.Parse(context.Request.Query["cursor"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        if (from + server.PageSize < all.Length)
            context.Response.Headers.Link = $"<{server.Endpoint}{request.Path[1..]}?recursive=true&cursor={from + server.PageSize}>; rel=\"next\"";
        await WriteAsync(200, JsonSerializer.Serialize(all.Skip(from).Take(server.PageSize)));
    }

    private async Task PathsInfoAsync(ServedRepository repository, string commit)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        IReadOnlyDictionary<string, ServedFile> files = repository.At(commit);
        await WriteAsync(
            200,
            JsonSerializer.Serialize(body.RootElement.GetProperty("paths").EnumerateArray().Select(path => path.GetString()!).Where(files.ContainsKey)
            .Select(path => Entry(path, files[path], new { id = commit, title = "files", date = "2026-01-01T00:00:00.000Z" }))));
    }

    private static object Entry(string path, ServedFile file, object? lastCommit)
    {
        var entry = new Dictionary<string, object> { ["type"] = "file", ["oid"] = file.GitId, ["size"] = file.Length, ["path"] = path };
        if (file.Sha256 is not null)
            entry["lfs"] = new { oid = file.Sha256, size = file.Length, pointerSize = 130 };
        if (lastCommit is not null)
            entry["lastCommit"] = lastCommit;
        return entry;
    }

    /// <summary>KIND/OWNER/NAME/resolve/REVISION/PATH, or without "resolve" behind the redirect for small files.</summary>
    private async Task FileAsync(string address, string separator)
    {
        string[] parts = address.Split('/', 4);
        if (await FindAsync(parts[0], $"{parts[1]}/{parts[2]}") is not { } repository)
            return;
        string[] raw = request.RawTarget.Split('?')[0].Split(separator == "/" ? $"/{parts[2]}/" : separator, 2)[1].Split('/', 2);
        string revision = Uri.UnescapeDataString(raw[0]), path = Uri.UnescapeDataString(raw[1]);
        if (repository.Resolve(revision) is not { } commit)
        {
            await RefuseAsync(404, "RevisionNotFound", "Invalid rev id");
            return;
        }

        Header("X-Repo-Commit", commit);
        if (!repository.At(commit).TryGetValue(path, out ServedFile? file))
        {
            await RefuseAsync(404, "EntryNotFound", "Entry not found");
        }
        else if (file.Sha256 is not null)
        {
            string signature = Guid.NewGuid().ToString("N");
            server.Signatures[signature] = true;
            Header("X-Linked-Etag", $"\"{file.ContentId}\"");
            Header("X-Linked-Size", file.Length.ToString(CultureInfo.InvariantCulture));
            Header("Location", $"{server.Storage}{repository.Kind}/{repository.Id}/{file.Sha256}?signature={signature}");
            await WriteAsync(302, "");
        }
        else if (separator == "/resolve/")
        {
            // As the hub does for small files.
            Header("Location", $"/api/resolve-cache/{repository.Kind}/{repository.Id}/{commit}/{raw[1]}");
            await WriteAsync(307, "");
        }
        else
        {
            Header("ETag", $"\"{file.ContentId}\"");
            await SendAsync(file);
        }
    }

    private async Task StorageAsync()
    {
        if (!server.Signatures.ContainsKey(context.Request.Query["signature"].FirstOrDefault() ?? ""))
        {
            await WriteAsync(403, "expired");
            return;
        }

        string hash = request.Path.Split('/')[^1];
        ServedFile file = server.Repositories.SelectMany(repository => repository.AllFiles).First(file => file.Sha256 == hash);
        Header("ETag", $"\"{Guid.NewGuid():N}\"");
        await SendAsync(file);
    }

    private async Task SendAsync(ServedFile file)
    {
        long from = 0, to = file.Length - 1;
        if (request.Range is { } range && fault?.IgnoreRange != true)
        {
            string[] bounds = range["bytes=".Length..].Split('-');
            from = long.Parse(bounds[0], CultureInfo.InvariantCulture);
            to = bounds[1].Length > 0 ? Math.Min(long.Parse(bounds[1], CultureInfo.InvariantCulture), to) : to;
            if (from >= file.Length)
            {
                Header("Content-Range", $"bytes */{file.Length}");
                await WriteAsync(416, "");
                return;
            }

            context.Response.StatusCode = 206;
            Header("Content-Range", $"bytes {from}-{to}/{file.Length}");
        }

        long length = to - from + 1 + (fault?.LengthError ?? 0);
        if (fault?.Endless != true)
            context.Response.ContentLength = length;
        Header("Accept-Ranges", "bytes");
        ApplyHeaders();
        if (request.Method == "HEAD")
            return;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await BodyAsync(file, from, length);
    }

    private async Task BodyAsync(ServedFile file, long from, long length)
    {
        long sent = 0, middle = length / 2;
        int? speed = fault?.BytesPerSecond ?? server.BytesPerSecond;
        long started = Environment.TickCount64;
        foreach (ReadOnlyMemory<byte> whole in fault?.Endless == true ? Forever(file) : file.Pieces(from).Concat(Padding(fault?.LengthError ?? 0)))
        {
            ReadOnlyMemory<byte> piece = whole;
            if (fault?.Endless != true && sent + piece.Length > length)
                piece = piece[..(int)(length - sent)];
            if (fault?.CutAfter is { } cut && sent + piece.Length > cut)
                piece = piece[..(int)(cut - sent)];
            if (fault?.StallAfter is { } stall && sent + piece.Length > stall)
                piece = piece[..(int)(stall - sent)];
            if (fault?.Corrupt == true && sent <= middle && middle < sent + piece.Length)
            {
                byte[] altered = piece.ToArray();
                altered[middle - sent] ^= 0x40;
                piece = altered;
            }

            // Writes to a connection that is gone succeed too; their bytes are not sent.
            if ((await context.Response.BodyWriter.WriteAsync(piece, context.RequestAborted)).IsCompleted)
                return;
            sent += piece.Length;
            server.Sent(piece.Length);
            if (fault?.CutAfter == sent)
            {
                // Fewer bytes than announced: the server closes the connection behind them, so that they all arrive.
                await context.Response.Body.FlushAsync();
                return;
            }

            if (fault?.StallAfter == sent)
            {
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            if (speed is { } limit && (sent * 1000.0 / limit) - (Environment.TickCount64 - started) is > 5 and double ahead)
                await Task.Delay((int)ahead, context.RequestAborted);
            if (sent == length && fault?.Endless != true)
                return;
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Padding(int count) => count > 0 ? [new byte[count]] : [];

    private static IEnumerable<ReadOnlyMemory<byte>> Forever(ServedFile file)
    {
        while (true)
        {
            foreach (ReadOnlyMemory<byte> piece in file.Pieces(0))
                yield return piece;
        }
    }

    /// <summary>The repository, if the request may see it; else the refusal has been written.</summary>
    private async Task<ServedRepository?> FindAsync(string kind, string id)
    {
        if (server.Renamed.TryGetValue(id, out string? now))
        {
            Header("Location", request.RawTarget.Replace(id, now, StringComparison.Ordinal));
            await WriteAsync(307, "");
            return null;
        }

        ServedRepository? repository = server.Repositories.Find(served => served.Kind == kind && served.Id == id);
        bool known = request.Authorization == $"Bearer {server.Token}";
        if (repository is null || (repository.Access == ServedAccess.Private && !known))
            await RefuseAsync(known ? 404 : 401, "RepoNotFound", known ? "Repository not found" : "Invalid username or password.");
        else if (repository.Access == ServedAccess.Gated)
            await RefuseAsync(known ? 403 : 401, "GatedRepo", $"Access to model {id} is restricted and you are not in the authorized list.");
        else if (repository.Access == ServedAccess.Disabled)
            await RefuseAsync(403, "", "Access to this resource is disabled.");
        else
            return repository;
        return null;
    }

    private Task RefuseAsync(int status, string code, string message)
    {
        if (code.Length > 0)
            Header("X-Error-Code", code);
        Header("X-Error-Message", message);
        return WriteAsync(status, JsonSerializer.Serialize(new { error = message }));
    }

    private async Task WriteAsync(int status, string body)
    {
        context.Response.StatusCode = status;
        if (fault?.Body is { } other)
            body = other;
        if (fault?.Endless == true)
            await EndlessTextAsync(body);
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(body);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        ApplyHeaders();
        if (request.Method != "HEAD" && bytes.Length > 0)
            await context.Response.Body.WriteAsync(bytes);
    }

    private async Task EndlessTextAsync(string body)
    {
        ApplyHeaders();
        byte[] spaces = new byte[1 << 16];
        Array.Fill(spaces, (byte)' ');
        await context.Response.WriteAsync(body);
        while (true)
            await context.Response.Body.WriteAsync(spaces, context.RequestAborted);
    }

    private void Header(string name, string value) => context.Response.Headers[name] = value;

    private void ApplyHeaders()
    {
        foreach ((string name, string? value) in fault?.Headers ?? new Dictionary<string, string?>())
        {
            if (value is null)
                context.Response.Headers.Remove(name);
            else
                context.Response.Headers[name] = value;
        }
    }
}
