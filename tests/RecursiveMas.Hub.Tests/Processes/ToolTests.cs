using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
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
        Assert.Equal(
            (0, "owner/model", 5),
            (code, json.GetProperty("others")[0].GetProperty("repository").GetString(), json.GetProperty("systems").GetArrayLength()));
        Assert.False(json.GetProperty("systems")[0].GetProperty("is_complete").GetBoolean());
        Assert.Equal(0, json.GetProperty("systems")[0].GetProperty("bytes_on_disk").GetInt64());

        await File.WriteAllTextAsync(
            Path.Combine(hub.Cache, "models--owner--model", "blobs", repository.Files["config.json"].ContentId),
            new string('x', (int)repository.Files["config.json"].Length),
            HubFixture.Token);
        (code, json) = await ToolProcess.JsonAsync(hub, "verify", "owner/model", "--repair");
        Assert.Equal((3, 1, true), (code, json.GetProperty("corrupt").GetInt32(), json.GetProperty("repaired").GetBoolean()));
        (code, json) = await ToolProcess.JsonAsync(hub, "download", "owner/model");
        Assert.Equal((0, repository.Files["config.json"].Length), (code, json.GetProperty("downloaded_bytes").GetInt64()));
        HubFixture.AssertSame(repository, snapshot);

        // Where nobody can be asked, nothing is removed unless it was said so.
        (code, json) = await ToolProcess.JsonAsync(hub, "remove", "owner/model");
        Assert.Equal(2, code);
        Assert.Contains("--yes", json.GetProperty("error").GetString(), StringComparison.Ordinal);
        HubFixture.AssertSame(repository, snapshot);
        (code, json) = await ToolProcess.JsonAsync(hub, "remove", "owner/model", "--yes");
        Assert.Equal(0, code);
        Assert.False(Directory.Exists(Path.Combine(hub.Cache, "models--owner--model")));
        (code, _) = await ToolProcess.JsonAsync(hub, "remove", "owner/model", "--yes");
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
        Assert.True(
            output.IndexOf("Llama 3.2 Community License", StringComparison.Ordinal) < output.IndexOf("Downloaded and verified.", StringComparison.Ordinal));
        // What is complete for one task is there for every command.
        (code, JsonElement json) = await ToolProcess.JsonAsync(hub, "where", "sequential_light", "--offline");
        Assert.Equal(
            (0, 4, "math"),
            (code, json.GetProperty("folders").GetArrayLength(), Assert.Single(json.GetProperty("tasks").EnumerateArray()).GetString()));
        (code, json) = await ToolProcess.JsonAsync(hub, "verify", "sequential_light");
        Assert.Equal((0, 0), (code, json.GetProperty("missing").GetInt32()));
        (code, output, _) = await ToolProcess.RunAsync(hub, ["list"]);
        Assert.Contains("complete for math, ", output, StringComparison.Ordinal);
        (code, json) = await ToolProcess.JsonAsync(hub, "download", "sequential_light", "--offline");
        Assert.Equal((3, 4), (code, json.GetProperty("missing").GetArrayLength()));
        Assert.All(
            json.GetProperty("missing").EnumerateArray().SelectMany(missing => missing.GetProperty("files").EnumerateArray()),
            file => Assert.Contains("(code)", file.GetString(), StringComparison.Ordinal));
    }

    /// <summary>Bars on terminals of several widths: nothing wraps, and an interrupt leaves one line of them, a message and a cursor.</summary>
    [Theory]
    [InlineData(100, @"^total ━*─* +\d.* of 67\.1 MB +\S+ MB/s +0:00:\d\d left$")]
    [InlineData(80, @"^total ━*─* +\d.* of 67\.1 MB +\S+ MB/s +0:00:\d\d left$")]
    [InlineData(45, @"^ *\d.* of 67\.1 MB +0:00:\d\d left$")]
    [InlineData(25, @"^ *\d.* of 67\.1 MB$")]
    public async Task A_terminal_shows_bytes_speed_and_time_left(int width, string total)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "Needs the command 'script', which makes a terminal.");
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel(weights: 64 << 20);
        hub.Server.BytesPerSecond = 8_000_000;
        using ToolProcess tool = ToolProcess.StartOnTerminal(hub, width, ["download", "owner/model", "--yes"]);
        var under = new TaskCompletionSource();
        hub.Server.BytesSent = sum =>
        {
            if (sum > 12 << 20)
                under.TrySetResult();
        };
        await under.Task.WaitAsync(TimeSpan.FromSeconds(60), HubFixture.Token);
        tool.Interrupt();
        (_, string output, _) = await tool.EndAsync();
        string[] lines = [.. Regex.Replace(output, @"\x1b\[[?0-9;]*[A-Za-z]", "").Split('\r', '\n').Select(line => line.TrimEnd())];
        string[] bars =
        [
            .. lines.Where(line => line.Contains(" of 67.1 MB", StringComparison.Ordinal) && !line.Contains("downloaded", StringComparison.Ordinal)),
        ];
        Assert.All(bars, line => Assert.InRange(line.Length, 1, width - 3));
        Assert.Contains(bars, line => Regex.IsMatch(line, total));
        Assert.Equal(
            "Cancelled. What has arrived is kept; the next download goes on from there.",
            string.Concat(lines.SkipWhile(line => !line.Contains("Cancelled", StringComparison.Ordinal))));
        Assert.True(output.LastIndexOf("\x1b[?25h", StringComparison.Ordinal) > output.LastIndexOf("\x1b[?25l", StringComparison.Ordinal));
        // Behind the moment when the cursor came back stands the total alone.
        Assert.DoesNotContain("model/model.safetensors", output[output.LastIndexOf("\x1b[?25h", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_tried_again_is_said()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel(weights: 1000);
        hub.Server.Misbehave(request => request.Path.Contains("/revision/", StringComparison.Ordinal), Fault.Answer(503, ("Retry-After", "0")), times: 2);
        (int code, _, string error) = await ToolProcess.RunAsync(hub, ["download", "owner/model"]);
        Assert.Equal(0, code);
        Assert.Contains("503", error, StringComparison.Ordinal);
        Assert.Contains("try 3 of 5", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Licences_of_cards_are_shown_and_data_sets_are_thought_of()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        hub.AddModel(weights: 1000).CardData = new { license = "cc-by-nc-4.0" };
        (int code, string output, string error) = await ToolProcess.RunAsync(hub, ["download", "owner/model"]);
        Assert.True(code == 0, error);
        Assert.Contains("cc-by-nc-4.0 (card)", output, StringComparison.Ordinal);
        (_, _, error) = await ToolProcess.RunAsync(hub, ["download", "owner/questions"]);
        Assert.Contains("datasets/owner/questions", error, StringComparison.Ordinal);
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
    public async Task A_hub_that_cannot_be_reached_is_told_from_files_that_are_not_here()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        // Nobody listens on the port of a listener that has gone.
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        (int code, _, string error) = await ToolProcess.RunAsync(hub, ["download", "owner/model", "--quiet", "--endpoint", $"http://127.0.0.1:{port}"]);
        Assert.Contains("cannot be reached", error, StringComparison.Ordinal);
        Assert.Equal(1, code);
        (code, _, _) = await ToolProcess.RunAsync(hub, ["download", "owner/model", "--quiet", "--offline"]);
        Assert.Equal(3, code);
    }

    [Fact]
    public async Task Interrupting_keeps_what_arrived_and_verification_says_what_is_missing()
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
        Assert.InRange(
            Assert.Single(new DirectoryInfo(Path.Combine(hub.Cache, "models--owner--model", "blobs")).EnumerateFiles("*.resumable")).Length,
            4 << 20,
            32 << 20);
        hub.AssertSound(repository);
        foreach (string[] names in new string[][] { [], ["owner/model"] })
        {
            (code, JsonElement json) = await ToolProcess.JsonAsync(hub, ["verify", .. names]);
            Assert.Equal(
                (3, 5, 0, 1),
                (code, json.GetProperty("verified").GetInt32(), json.GetProperty("corrupt").GetInt32(), json.GetProperty("missing").GetInt32()));
        }
    }

    public static TheoryData<string, string[]> Faults => new()
    {
        { "nope: is neither a system (sequential_light, ", ["list", "nope"] },
        { $"{new string('x', 200)}…: is neither", ["list", new string('x', 100_000)] },
        { $"'x/{new string('x', 198)}…' is not a repository id.", ["list", "x/" + new string('x', 100_000)] },
        { "--revision: a system knows its own revisions", ["download", "sequential_light", "--revision", "x"] },
        { "--cache: is empty. Name a folder.", ["list", "--cache", ""] },
        { $"--cache: '{typeof(ToolTests).Assembly.Location}' is a file; the cache is a folder.", ["list", "--cache", typeof(ToolTests).Assembly.Location] },
        { $"--cache: '{typeof(ToolTests).Assembly.Location}' is a file; the cache is a folder.", ["verify", "--cache", typeof(ToolTests).Assembly.Location] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_the_command_line_is_one_line(string message, string[] arguments)
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        (int code, string output, string error) = await ToolProcess.RunAsync(hub, arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(character => character == '\n'));
        Assert.InRange(error.Length, 1, 1000);
    }

    [Fact]
    public async Task An_empty_HOME_is_none()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "HOME is a variable of other systems.");
        await using HubFixture hub = await HubFixture.StartAsync();
        (int code, string output, _) = await ToolProcess.RunAsync(hub, ["where"], ("HOME", ""), ("HF_HOME", ""), ("HF_HUB_CACHE", ""), ("XDG_CACHE_HOME", ""));
        Assert.Equal(0, code);
        Assert.EndsWith("/.cache/huggingface/hub\n", output, StringComparison.Ordinal);
        Assert.False(output.StartsWith(hub.Folder, StringComparison.Ordinal), output);
    }

    [Theory]
    [InlineData("> /dev/full", 5, "No space left", "list")]
    [InlineData("> /dev/full", 5, "No space left", "list", "--json")]
    [InlineData("> /dev/full", 5, "No space left", "--help")]
    [InlineData("> /dev/full", 5, "No space left", "list", "nope", "--json")]
    [InlineData(">&-", 5, "closed", "list")]
    [InlineData("2>&-", 2, "", "list", "nope")]
    [InlineData("2> /dev/full", 2, "", "nonsense")]
    [InlineData("2> /dev/full", 0, "", "where")]
    public async Task Streams_that_cannot_be_written_are_no_crash(string redirection, int expected, string reason, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Redirections of Unix shells, and the full disk of Linux.");
        await using HubFixture hub = await HubFixture.StartAsync();
        using ToolProcess tool = ToolProcess.Start(hub, ["sh", "-c", $"exec \"$@\" {redirection}", "sh"], arguments);
        (int code, _, string error) = await tool.EndAsync();
        Assert.True(expected == code, $"{code}: {error}");
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.InRange(error.Count(character => character == '\n'), 0, 1);
    }

    /// <summary>A complete cache that belongs to somebody else can be used.</summary>
    [Fact]
    public async Task A_cache_that_cannot_be_written_serves()
    {
        bool root = Environment.UserName == "root";
        Assert.SkipWhen(
            OperatingSystem.IsWindows() || (root && !File.Exists("/usr/bin/setpriv")),
            "Needs Unix permissions, and setpriv where the tests run as root.");
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
