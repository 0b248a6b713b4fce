using RecursiveMas.HubServer;
using RecursiveMas.Protocol;
using RecursiveMas.Shared;

namespace RecursiveMas.Hub.Tests;

/// <summary>A hub that misbehaves: each kind has a stated outcome, and nothing wrong ever gets a final name.</summary>
public class MisbehaviourTests
{
    private static bool IsRevision(ServedRequest request) => request.Path.Contains("/revision/", StringComparison.Ordinal);

    private static bool IsTree(ServedRequest request) => request.Path.Contains("/tree/", StringComparison.Ordinal);

    private static bool IsHead(ServedRequest request) => request.Method == "HEAD" && request.Path.EndsWith("/model.safetensors", StringComparison.Ordinal);

    private static bool IsSmallHead(ServedRequest request) => request.Method == "HEAD"
        && request.Path.Contains("resolve-cache", StringComparison.Ordinal)
        && request.Path.EndsWith("config.json", StringComparison.Ordinal);

    private static bool IsSmallBody(ServedRequest request) => request.Method == "GET"
        && request.Path.Contains("resolve-cache", StringComparison.Ordinal)
        && request.Path.EndsWith("config.json", StringComparison.Ordinal);

    /// <summary>Failures that pass: waited for and tried again, on every kind of request.</summary>
    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Failures_that_pass_are_tried_again(int status)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        foreach (Func<ServedRequest, bool> kind in new Func<ServedRequest, bool>[]
        {
            IsRevision, IsTree, IsHead,
            request => request.Storage && request.Path.EndsWith(repository.Files["model.safetensors"].Sha256!, StringComparison.Ordinal),
        })
            hub.Server.Misbehave(kind, Fault.Answer(status), times: 2);
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.Equal([1, 2, 1, 2, 1, 2, 1, 2], hub.Clock.Waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Failures_that_stay_end_after_five_tries()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsTree, Fault.Answer(503));
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => hub.DownloadAsync());
        Assert.Contains("503", error.Message, StringComparison.Ordinal);
        Assert.IsType<HubConnectionException>(error.InnerException);
        Assert.Equal(5, hub.Server.Requests.Count(IsTree));
        Assert.Equal([1, 2, 4, 8], hub.Clock.Waits.Select(wait => wait.TotalSeconds));
    }

    [Theory]
    [InlineData("Retry-After", "7", 7)]
    [InlineData("RateLimit", "\"api\";r=0;t=55", 56)]
    [InlineData("Retry-After", "0", 0)]
    public async Task The_hub_says_how_long_to_wait(string header, string value, double seconds)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(IsTree, Fault.Answer(429, (header, value)), times: 1);
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.Equal(seconds, hub.Clock.Waits.Sum(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task A_date_to_wait_for_is_understood()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(IsTree, Fault.Answer(503, ("Retry-After", DateTimeOffset.UtcNow.AddSeconds(100).ToString("R"))), times: 1);
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
        Assert.InRange(Assert.Single(hub.Clock.Waits).TotalSeconds, 80, 100);
    }

    [Fact]
    public async Task Too_long_a_wait_is_an_error_that_says_when()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsTree, Fault.Answer(429, ("Retry-After", "3600")));
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(() => hub.DownloadAsync());
        Assert.Contains("3600 s", error.Message, StringComparison.Ordinal);
        Assert.Empty(hub.Clock.Waits);
    }

    /// <summary>Refusals: told at once, with what they mean.</summary>
    [Theory]
    [InlineData(401, typeof(HubAccessException), "token")]
    [InlineData(403, typeof(HubAccessException), "403")]
    [InlineData(404, typeof(HubNotFoundException), "no such repository")]
    [InlineData(407, typeof(HubException), "proxy")]
    [InlineData(418, typeof(HubProtocolException), "418")]
    public async Task Refusals_are_told_at_once(int status, Type kind, string words)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsTree, Fault.Answer(status));
        HubException error = await Assert.ThrowsAnyAsync<HubException>(() => hub.DownloadAsync());
        Assert.IsType(kind, error);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("owner/model", error.Message, StringComparison.Ordinal);
        Assert.Single(hub.Server.Requests, IsTree);
        Assert.Empty(hub.Clock.Waits);
    }

    [Fact]
    public async Task Storage_that_refuses_every_address_ends()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(request => request.Storage, Fault.Answer(403));
        HubConnectionException error = await Assert.ThrowsAsync<HubConnectionException>(() => hub.DownloadAsync());
        Assert.Contains("403", error.Message, StringComparison.Ordinal);
        hub.AssertSound(repository);
    }

    /// <summary>Wrong bytes: thrown away, told with the file's name, and the next download starts clean.</summary>
    [Theory]
    [InlineData("hash", "hash")]
    [InlineData("longer", "bytes")]
    [InlineData("shorter", "bytes")]
    [InlineData("endless", "more than")]
    public async Task Wrong_content_is_thrown_away(string kind, string words)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(request => request.Storage
            && request.Path.EndsWith(repository.Files["model.safetensors"].Sha256!, StringComparison.Ordinal), kind switch
        {
            "hash" => new Fault { Corrupt = true },
            "longer" => new Fault { LengthError = 100 },
            "shorter" => new Fault { LengthError = -100 },
            _ => new Fault { Endless = true },
        });
        HubIntegrityException error = await Assert.ThrowsAsync<HubIntegrityException>(() => hub.DownloadAsync());
        Assert.Contains("owner/model/model.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        hub.AssertSound(repository);
        // An endless body is not read on: the server sees the connection end, and sends no more.
        long sent = -1;
        for (int look = 0; look < 50 && sent != hub.Server.FileBytes; look++)
        {
            sent = hub.Server.FileBytes;
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        Assert.Equal(sent, hub.Server.FileBytes);
        hub.Server.Behave();
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
    }

    [Fact]
    public async Task Small_files_are_verified_by_their_git_id()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(IsSmallBody, new Fault { Corrupt = true });
        HubIntegrityException error = await Assert.ThrowsAsync<HubIntegrityException>(() => hub.DownloadAsync());
        Assert.Contains("config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(repository.Files["config.json"].GitId, error.Message, StringComparison.Ordinal);
        hub.AssertSound(repository);
    }

    /// <summary>Headers that contradict the list, or are not a hub's.</summary>
    [Theory]
    [InlineData("X-Repo-Commit", null, "X-Repo-Commit")]
    [InlineData("X-Repo-Commit", "0123456789012345678901234567890123456789", "commit")]
    [InlineData("X-Linked-Etag", "\"0000000000000000000000000000000000000000000000000000000000000000\"", "content")]
    [InlineData("X-Linked-Size", "5", "bytes")]
    [InlineData("X-Linked-Size", "many", "size")]
    public async Task Headers_that_contradict_the_list_are_refused(string header, string? value, string words)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(IsHead, new Fault { Headers = new Dictionary<string, string?> { [header] = value } });
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
        hub.AssertSound(repository);
    }

    [Fact]
    public async Task A_file_without_an_etag_is_refused()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsSmallHead, new Fault { Headers = new Dictionary<string, string?> { ["ETag"] = null } });
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains("ETag", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("W/\"{0}\"")]
    [InlineData("{0}")]
    public async Task Weak_and_bare_etags_are_as_good_because_the_content_is_verified(string form)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(
            IsSmallHead,
            new Fault { Headers = new Dictionary<string, string?> { ["ETag"] = string.Format(form, repository.Files["config.json"].GitId) } });
        hub.Server.Misbehave(
            IsHead,
            new Fault { Headers = new Dictionary<string, string?> { ["X-Linked-Etag"] = string.Format(form, repository.Files["model.safetensors"].Sha256) } });
        HubFixture.AssertSame(repository, await hub.DownloadAsync());
    }

    /// <summary>A branch that moves during a download: all files are of the commit that it began with.</summary>
    [Fact]
    public async Task A_revision_that_changes_meanwhile_is_not_mixed()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string before = repository.Head;
        int moves = 0;
        hub.Server.Misbehave(request => request.Method == "HEAD", new Fault
        {
            Used = _ => repository.Commit(HubFixture.Files().ToDictionary(
                file => file.Key,
                file => ServedFile.Of($"{file.Key} {Interlocked.Increment(ref moves)}"))),
        });
        string snapshot = await hub.DownloadAsync(options: new HubClientOptions { MaxParallelFiles = 1 });
        Assert.True(moves > 0);
        HubFixture.AssertSame(repository, snapshot, before);
    }

    [Theory]
    [InlineData("../outside.txt")]
    [InlineData("a/../../outside.txt")]
    [InlineData("/tmp/outside.txt")]
    [InlineData("..\\outside.txt")]
    [InlineData("C:\\outside.txt")]
    [InlineData("C:outside.txt")]
    [InlineData("\\\\server\\share\\outside.txt")]
    [InlineData("a\0b")]
    [InlineData("")]
    public async Task Names_that_leave_the_folder_end_the_whole_download(string path)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        repository.ListedPaths.Add(path);
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains("Nothing of this repository is downloaded", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, hub.Downloads());
        Assert.False(Directory.Exists(hub.Cache));
    }

    [Theory]
    [InlineData("""[{"type":"file","path":"a","size":1}]""")]
    [InlineData("""[{"type":"file","path":"a","size":-1,"oid":"0000000000000000000000000000000000000000"}]""")]
    [InlineData("""[{"type":"file","path":"a","size":1,"oid":"../../../../etc/cron.d/x"}]""")]
    [InlineData("""[{"type":"file","path":"a","size":1,"oid":"0000000000000000000000000000000000000000","lfs":{"oid":"../x","size":1}}]""")]
    [InlineData("""[{"type":"file","path":"a","size":1,"oid":"0000000000000000000000000000000000000000"},""" +
        """{"type":"file","path":"a","size":2,"oid":"0000000000000000000000000000000000000000"}]""")]
    [InlineData("""[{"type":"file","path":"a","size":9000000000000000000,"oid":"0000000000000000000000000000000000000000"},""" +
        """{"type":"file","path":"b","size":9000000000000000000,"oid":"0000000000000000000000000000000000000000"}]""")]
    [InlineData("""[{"type":"file","path":"\u009b2J","size":1,"oid":"0000000000000000000000000000000000000000"}]""")]
    [InlineData("""[{"path":"a"}]""")]
    [InlineData("""[5]""")]
    [InlineData("""{"error":"x"}""")]
    [InlineData("""<html>Please log in</html>""")]
    [InlineData("""[{"type":"file","path":"\ud800","size":1,"oid":"0000000000000000000000000000000000000000"}]""")]
    public async Task Lists_that_make_no_sense_are_refused(string body)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsTree, new Fault { Body = body });
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains("owner/model", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(hub.Cache));
    }

    [Theory]
    [InlineData("""{"sha": "main"}""")]
    [InlineData("""{"sha": "../../../../../../../../../../../../../x"}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    public async Task Revisions_without_a_commit_are_refused(string body)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsRevision, new Fault { Body = body });
        await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
    }

    [Fact]
    public async Task A_giant_list_is_given_up()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.PageSize = 60_000;
        repository.ListedPaths.AddRange(Enumerable.Range(0, 130_000).Select(i => $"f{i}"));
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains("does not end", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("same page")]
    [InlineData("empty pages")]
    [InlineData("another host")]
    public async Task Lists_that_lead_in_circles_or_away_are_given_up(string kind)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        int page = 0;
        string Next() => kind switch
        {
            "same page" => $"{hub.Server.Endpoint}api/models/owner/model/tree/{repository.Head}?recursive=true&expand=false",
            "another host" => $"{hub.Server.Storage}api/models/owner/model/tree/{repository.Head}?cursor=1",
            _ => $"{hub.Server.Endpoint}api/models/owner/model/tree/{repository.Head}?cursor={++page}",
        };
        var headers = new Dictionary<string, string?> { ["Link"] = $"<{Next()}>; rel=\"next\"" };
        hub.Server.Misbehave(
            IsTree,
            new Fault { Body = kind == "empty pages" ? "[]" : null, Headers = headers, Used = _ => headers["Link"] = $"<{Next()}>; rel=\"next\"" });
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains(kind == "another host" ? "another host" : "does not end", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Server.Requests, request => request.Storage);
    }

    [Fact]
    public async Task An_endless_answer_is_cut_off()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsTree, new Fault { Endless = true });
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains("more than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_in_circles_are_given_up()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        hub.Server.Misbehave(IsTree, Fault.Answer(307, ("Location", $"/api/models/owner/model/tree/{repository.Head}?again=1")));
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
        Assert.Contains("redirects", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://localhost/x")]
    public async Task Redirects_to_what_is_no_web_address_are_refused(string target)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsTree, Fault.Answer(307, ("Location", target)));
        await Assert.ThrowsAsync<HubProtocolException>(() => hub.DownloadAsync());
    }

    [Fact]
    public void Text_of_the_other_side_cannot_play_with_the_terminal()
    {
        Assert.Equal("a?[2Jb?c?", ShownText.Of("a\u001b[2Jb\u202ec\u009b"));
        Assert.Equal(new string('x', 200) + "…", ShownText.Of(new string('x', 1_000_000)));
        using var response = new HttpResponseMessage((System.Net.HttpStatusCode)418) { ReasonPhrase = "I am\u001b a teapot" };
        Assert.Equal("418 I am? a teapot", AnswerStatus.Of(response));
    }

    /// <summary>Bytes that come unencrypted from a hub that is encrypted could be anybody's.</summary>
    [Fact]
    public async Task Storage_that_is_less_safe_than_the_hub_is_refused()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        string storage = "http://storage.test/x";
        using var handler = new Encrypted(hub.Server.Endpoint, () => storage);
        using HubClient client = hub.Client(
            new HubClientOptions { Endpoint = new Uri("https://hub.test"), CacheFolder = Path.Combine(hub.Folder, "safe") },
            handler);
        HubProtocolException error = await Assert.ThrowsAsync<HubProtocolException>(() => client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Contains("not encrypted", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(handler.Asked, address => address.Host == "storage.test");
        storage = "https://storage.test/x";
        await Assert.ThrowsAsync<HubIntegrityException>(() => client.DownloadAsync(HubFixture.All(), null, HubFixture.Token));
        Assert.Contains(handler.Asked, address => address.Host == "storage.test");
        Assert.NotEmpty(repository.Files);
    }

    [Fact]
    public async Task A_hub_that_says_nothing_is_given_up_in_time()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel();
        hub.Server.Misbehave(IsRevision, new Fault { Delay = TimeSpan.FromSeconds(30) });
        HubOfflineException error = await Assert.ThrowsAsync<HubOfflineException>(
            () => hub.DownloadAsync(options: new HubClientOptions { MetadataTimeout = TimeSpan.FromMilliseconds(100), MaxAttempts = 2 }));
        Assert.Contains("did not answer in time", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Passes what is asked of an encrypted hub on to the one on loopback; large files lie where the test says.</summary>
    private sealed class Encrypted(Uri server, Func<string> storage) : DelegatingHandler(HubClient.CreateHandler())
    {
        public System.Collections.Concurrent.ConcurrentQueue<Uri> Asked { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Uri asked = request.RequestUri!;
            Asked.Enqueue(asked);
            if (asked.Host != "hub.test")
                return new HttpResponseMessage(System.Net.HttpStatusCode.OK) { Content = new ByteArrayContent([1]), RequestMessage = request };
            request.RequestUri = new Uri(server, asked.PathAndQuery);
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            request.RequestUri = asked;
            if (response.Headers.Location is { IsAbsoluteUri: true })
                response.Headers.Location = new Uri(storage());
            return response;
        }
    }
}
