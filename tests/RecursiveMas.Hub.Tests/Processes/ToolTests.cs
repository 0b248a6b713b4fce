using System.Diagnostics;
using System.Text.Json;
using RecursiveMas.HubServer;

namespace RecursiveMas.Hub.Tests;

/// <summary>The command recursivemas: what it writes and how it ends.</summary>
public class ToolTests
{
    [Fact]
    public async Task Download_verify_where_list_and_remove()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        (int code, string output, string error) = await ToolProcess.RunAsync(hub, ["download", "owner/model"]);
        Assert.True(code == 0, error);
        string snapshot = Path.Combine(hub.Cache, "models--owner--model", "snapshots", repository.Head);
        HubFixture.AssertSame(repository, snapshot);
        Assert.Contains("licence", output, StringComparison.Ordinal);
        Assert.Contains(snapshot, output, StringComparison.Ordinal);
        Assert.Contains("Downloaded and verified.", output, StringComparison.Ordinal);

        (code, JsonElement json) = await ToolProcess.JsonAsync(hub, "verify");
        Assert.Equal((0, 6, 0), (code, json.GetProperty("verified").GetInt32(), json.GetProperty("corrupt").GetInt32()));
        (code, json) = await ToolProcess.JsonAsync(hub, "where", "owner/model");
        Assert.Equal((0, snapshot), (code, json.GetProperty("folders")[0].GetProperty("folder").GetString()));
        (code, json) = await ToolProcess.JsonAsync(hub, "list", "--offline");
        Assert.Equal((0, "owner/model", 5), (code, json.GetProperty("others")[0].GetProperty("repository").GetString(), json.GetProperty("systems").GetArrayLength()));
        Assert.Equal("no", json.GetProperty("systems")[0].GetProperty("state").GetString());

        await File.WriteAllTextAsync(Path.Combine(hub.Cache, "models--owner--model", "blobs", repository.Files["config.json"].ContentId), new string('x', (int)repository.Files["config.json"].Length), HubFixture.Token);
        (code, json) = await ToolProcess.JsonAsync(hub, "verify", "owner/model", "--repair");
        Assert.Equal((3, 1, true), (code, json.GetProperty("corrupt").GetInt32(), json.GetProperty("repaired").GetBoolean()));
        (code, json) = await ToolProcess.JsonAsync(hub, "download", "owner/model");
        Assert.Equal((0, repository.Files["config.json"].Length), (code, json.GetProperty("downloaded_bytes").GetInt64()));
        HubFixture.AssertSame(repository, snapshot);

        (code, json) = await ToolProcess.JsonAsync(hub, "remove", "owner/model");
        Assert.Equal(0, code);
        Assert.False(Directory.Exists(Path.Combine(hub.Cache, "models--owner--model")));
        (code, _) = await ToolProcess.JsonAsync(hub, "remove", "owner/model");
        Assert.Equal(3, code);
    }

    [Fact]
    public async Task A_system_shows_sizes_and_licences_before_it_is_downloaded()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.Server.AddFolders("RecursiveMAS", Testing.Goldens.Folder("mas", "sequential_light"));
        (int code, string output, string error) = await ToolProcess.RunAsync(hub, ["download", "sequential_light", "--task", "math"]);
        Assert.True(code == 0, error);
        Assert.Contains("Llama 3.2 Community License", output, StringComparison.Ordinal);
        Assert.True(output.IndexOf("Llama 3.2 Community License", StringComparison.Ordinal) < output.IndexOf("Downloaded and verified.", StringComparison.Ordinal));
        (code, JsonElement json) = await ToolProcess.JsonAsync(hub, "where", "sequential_light", "--offline");
        Assert.Equal(3, code);
        Assert.Equal(4, json.GetProperty("missing").GetArrayLength());
        Assert.All(json.GetProperty("missing").EnumerateArray().SelectMany(missing => missing.GetProperty("files").EnumerateArray()), file => Assert.Contains("(code)", file.GetString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, "download")]
    [InlineData(2, "nonsense")]
    [InlineData(2, "download", "no_such_system")]
    [InlineData(2, "download", "owner/model", "--task", "math")]
    [InlineData(2, "download", "sequential_light", "--revision", "x")]
    [InlineData(2, "download", "owner/model", "--include", "nothing*")]
    [InlineData(2, "list", "--endpoint", "here")]
    [InlineData(3, "download", "owner/model", "--revision", "nowhere")]
    [InlineData(3, "download", "sequential_light", "--offline")]
    [InlineData(3, "verify", "owner/other")]
    [InlineData(4, "download", "owner/gated")]
    public async Task Exit_codes_say_what_went_wrong(int expected, params string[] arguments)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel(weights: 1000);
        hub.AddModel("owner/gated", 1000).Access = ServedAccess.Gated;
        (int code, _, string error) = await ToolProcess.RunAsync(hub, arguments);
        Assert.True(expected == code, $"{code}: {error}");
        Assert.NotEmpty(error);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupting_keeps_what_arrived()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Interrupts are sent by kill.");
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel(weights: 32 << 20);
        hub.Server.BytesPerSecond = 20_000_000;
        hub.Server.Misbehave(request => request.Storage, new Fault { StallAfter = 16 << 20 }, times: 1);
        var under = new TaskCompletionSource();
        hub.Server.BytesSent = sum =>
        {
            if (sum > 8 << 20)
                under.TrySetResult();
        };
        using ToolProcess tool = ToolProcess.Start(hub, ["download", "owner/model", "--quiet"]);
        await under.Task.WaitAsync(TimeSpan.FromSeconds(30), HubFixture.Token);
        tool.Interrupt();
        (int code, _, string error) = await tool.EndAsync();
        Assert.True(code == 130, $"{code}: {error}");
        Assert.Contains("Cancelled.", error, StringComparison.Ordinal);
        Assert.InRange(Assert.Single(new DirectoryInfo(Path.Combine(hub.Cache, "models--owner--model", "blobs")).EnumerateFiles("*.resumable")).Length, 4 << 20, 32 << 20);
        hub.AssertSound(repository);
    }

    /// <summary>A complete cache that belongs to somebody else can be used.</summary>
    [Fact]
    public async Task A_cache_that_cannot_be_written_serves()
    {
        bool root = Environment.UserName == "root";
        Assert.SkipWhen(OperatingSystem.IsWindows() || (root && !File.Exists("/usr/bin/setpriv")), "Needs Unix permissions, and setpriv where the tests run as root.");
        await using HubFixture hub = await HubFixture.StartAsync();
        ServedRepository repository = hub.AddModel();
        await hub.DownloadAsync();
        repository.Revisions["v1"] = repository.Head;
        SetMode(hub.Folder, "a-w");
        try
        {
            string[] before = root ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
            foreach ((string revision, int expected) in new[] { ("main", 0), ("v1", 0) })
            {
                using ToolProcess tool = ToolProcess.Start(hub, before, ["download", "owner/model", "--revision", revision, "--json"], ("HOME", "/tmp"));
                (int code, string output, string error) = await tool.EndAsync();
                Assert.True(code == expected, output + error);
            }

            hub.AddModel("owner/other");
            using ToolProcess other = ToolProcess.Start(hub, before, ["download", "owner/other"], ("HOME", "/tmp"));
            (int failed, _, string said) = await other.EndAsync();
            Assert.Equal(5, failed);
            Assert.Contains("cannot be written", said, StringComparison.Ordinal);
        }
        finally
        {
            SetMode(hub.Folder, "u+w");
        }
    }

    private static void SetMode(string folder, string mode)
    {
        using Process chmod = Process.Start("chmod", ["-R", mode + ",a+rX", folder]);
        chmod.WaitForExit();
    }
}
