using RecursiveMas.Loading;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Systems in hub caches: where the cache is, and what is said of one that is not complete.</summary>
[Collection(LiveTensors.Collection)]
public class BrokenDownloadTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    // The first agent's repository and that of the links: all that is read of the others is of the same kinds.
    private static readonly string[] s_repositories = ["Sequential-Tiny-Planner-Qwen3", "Sequential-Tiny-Outerlinks"];

    private static readonly string s_home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public static TheoryData<string?, string?, string?, string?, string> Caches() => new()
    {
        { null, null, null, null, "~/.cache/huggingface/hub" },
        { "~/hf", null, null, null, "~/hf/hub" },
        { "$HOME/hf", null, null, null, "~/hf/hub" },
        { "${HOME}/hf", null, null, null, "~/hf/hub" },
        { "~/hf", "~/c", null, null, "~/c" },
        { null, "$HOME/c", "~/old", null, "~/c" },
        { null, null, "~/old", null, "~/old" },
        { null, null, null, "~/xdg", "~/xdg/huggingface/hub" },
        { "", "", "", "", "~/.cache/huggingface/hub" },
        { "/data/hf", null, null, null, "/data/hf/hub" },
    };

    [Theory]
    [MemberData(nameof(Caches))]
    public void The_cache_is_where_the_tools_of_the_hub_have_it(string? home, string? cache, string? older, string? xdg, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("HOME") is null, "HOME is a variable of other systems.");
        var variables = new Dictionary<string, string?>
        {
            ["HF_HOME"] = home,
            ["HF_HUB_CACHE"] = cache,
            ["HUGGINGFACE_HUB_CACHE"] = older,
            ["XDG_CACHE_HOME"] = xdg,
        };
        Assert.Equal(expected.Replace("~", s_home, StringComparison.Ordinal), SystemFolder.LocalHubCache(variables.GetValueOrDefault));
    }

    [Fact]
    public async Task A_folder_below_the_home_folder_is_looked_for_there()
    {
        string name = $"recursivemas-{Guid.NewGuid():N}";
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => Load($"~/{name}"));
        Assert.Equal(Path.Combine(s_home, name), error.File);
        error = await Assert.ThrowsAsync<CheckpointException>(() => Load(SystemFixture.Name, folder: $"~/{name}"));
        Assert.Equal(Path.Combine(s_home, name), error.File);
        Assert.Equal(Path.Combine(s_home, name), Assert.Throws<CheckpointException>(() => PromptCatalogue.Load($"~/{name}/a.json")).File);
    }

    [Fact]
    public async Task A_cache_of_links_is_a_system()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        string cache = AsCache(fixture.CopyFolder());
        await using (MasSystem mas = await Load(cache))
            Assert.Equal(3, mas.Agents.Count);

        string main = Path.Combine(Repository(cache, s_repositories[0]), "refs", "main");
        File.Delete(main);
        File.CreateSymbolicLink(main, "nowhere");
        Assert.Contains(main, (await Assert.ThrowsAsync<CheckpointException>(() => Load(cache))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_that_is_a_link_to_nowhere_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        string cache = AsCache(fixture.CopyFolder());
        int broken = 0;
        foreach (string file in s_repositories
            .SelectMany(repository => Directory.GetFiles(Path.Combine(Repository(cache, repository), "snapshots", Commit)))
            .Order(StringComparer.Ordinal))
        {
            // Not read where one set of links serves all tasks.
            if (Path.GetFileName(file) == "innerlink_config.json")
                continue;
            string blob = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, new FileInfo(file).LinkTarget!));
            File.Move(blob, blob + ".1a2b3c4d.incomplete");
            await Refused("the blob is only half there", file);
            File.Move(blob + ".1a2b3c4d.incomplete", blob);

            File.Move(file, file + ".aside");
            File.CreateSymbolicLink(file, Path.GetFileName(file));
            await Refused("the link leads to itself", file);
            File.Move(file + ".aside", file, overwrite: true);
            broken++;
        }

        Assert.Equal(12, broken);

        async Task Refused(string what, string file)
        {
            Exception? error = await Record.ExceptionAsync(() => Load(cache));
            Assert.True(
                error is CheckpointException refusal && refusal.File == file && refusal.Message.Contains("Complete the download", StringComparison.Ordinal),
                $"{file}, {what}: {error}");
        }
    }

    [Fact]
    public async Task A_model_without_its_tokenizer_config_is_refused()
    {
        // Its answer would be another: 3 instead of 13.
        foreach (string repository in new[] { "Sequential-Tiny-Planner-Qwen3", "Sequential-Tiny-Critic-Llama", "Sequential-Tiny-Solver-Qwen2" })
        {
            string folder = fixture.CopyFolder(), file = Path.Combine(folder, repository, "tokenizer_config.json");
            File.Delete(file);
            CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => Load(folder));
            Assert.Equal(file, error.File);
            Assert.Contains("missing", error.Message, StringComparison.Ordinal);
        }
    }

    private static Task<MasSystem> Load(string name, string? folder = null) => MasSystem.LoadAsync(
        name, new MasOptions { Style = SystemFixture.Name, Folder = folder }, cancellationToken: TestContext.Current.CancellationToken);

    private static string Repository(string cache, string name) => Path.Combine(cache, $"models--Example--{name}");

    /// <summary>Makes a hub cache of plain folders: snapshots of links to blobs.</summary>
    private static string AsCache(string folder)
    {
        foreach (string plain in Directory.GetDirectories(folder))
        {
            string repository = Repository(folder, Path.GetFileName(plain)), snapshot = Path.Combine(repository, "snapshots", Commit);
            foreach (string part in new[] { "blobs", "refs", Path.Combine("snapshots", Commit) })
                Directory.CreateDirectory(Path.Combine(repository, part));
            File.WriteAllText(Path.Combine(repository, "refs", "main"), Commit);
            foreach ((int index, string file) in Directory.GetFiles(plain).Index())
            {
                File.Move(file, Path.Combine(repository, "blobs", $"{index:x40}"));
                File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../../blobs/{index:x40}");
            }

            Directory.Delete(plain);
        }

        return folder;
    }
}
