using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>
/// Names, folders and options that do not fit: the right one is blamed, what was probably meant is suggested, and everything that is missing is listed.
/// </summary>
public sealed class NameTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sequental_tiny", "'sequential_tiny'")]
    [InlineData("squential_tiny", "'sequential_tiny'")]
    [InlineData("sequential_tinny", "'sequential_tiny'")]
    [InlineData("seqeuntial_tiny", "'sequential_tiny'")]
    [InlineData("Mixture", "'mixture'")]
    [InlineData("mixture-tiny", "'mixture_tiny'")]
    [InlineData("MIXTURE TINY", "'mixture_tiny'")]
    [InlineData("Sequential-Light", "'sequential_light'")]
    [InlineData("sequential", "'sequential_light' or 'sequential_scaled' or 'sequential_tiny'")]
    [InlineData("delibration", "'deliberation'")]
    [InlineData("gpt", null)]
    [InlineData("?", null)]
    public async Task A_misspelt_name_brings_the_near_one_to_mind(string name, string? near)
    {
        InvalidOptionException direct = await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(name, cancellationToken: Token));
        InvalidOptionException option =
            await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(null, new MasOptions { Style = name }, cancellationToken: Token));
        Assert.Equal("nameOrFolder", direct.Option);
        Assert.Equal("Style", option.Option);
        foreach (InvalidOptionException error in new[] { direct, option })
        {
            Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Environment.CurrentDirectory, error.Message, StringComparison.Ordinal);
            Assert.Contains("deliberation", error.Message, StringComparison.Ordinal);
            if (near is null)
                Assert.DoesNotContain("Did you mean", error.Message, StringComparison.Ordinal);
            else
                Assert.Contains($"Did you mean {near}?", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("./sequential_tiny")]
    [InlineData("/no/such/folder")]
    [InlineData("no/such/folder")]
    public async Task A_path_is_blamed_as_a_path(string path)
    {
        CheckpointException direct = await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(path, cancellationToken: Token));
        CheckpointException option =
            await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(null, new MasOptions { Folder = path }, cancellationToken: Token));
        Assert.Equal(Path.GetFullPath(path), direct.File);
        Assert.Equal(direct.File, option.File);
        Assert.Contains("nameOrFolder", direct.Message, StringComparison.Ordinal);
        Assert.Contains("Folder", option.Message, StringComparison.Ordinal);
        Assert.Contains("sequential_tiny", direct.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string?, MasOptions, string> Contradictions() => new()
    {
        { "name and style", "sequential_tiny", new MasOptions { Style = "mixture_tiny" }, "Style" },
        { "name and unknown style", "sequential_tiny", new MasOptions { Style = "sequental_tiny" }, "Style" },
        { "folder and folder", "/tmp", new MasOptions { Folder = "/" }, "Folder" },
        { "empty name", "", new MasOptions(), "nameOrFolder" },
        { "blank name", "  ", new MasOptions { Style = "sequential_tiny" }, "nameOrFolder" },
        { "empty style", null, new MasOptions { Style = "" }, "Style" },
        { "empty folder", null, new MasOptions { Folder = "", Style = "sequential_light" }, "Folder" },
        { "empty folder beside a name", "sequential_tiny", new MasOptions { Folder = "" }, "Folder" },
        { "no path", null, new MasOptions { Folder = "a\0b" }, "Folder" },
        { "nothing", null, new MasOptions(), "Style" },
        { "null device", "sequential_tiny", new MasOptions { Device = null! }, "Device" },
        { "empty device", "sequential_tiny", new MasOptions { Device = "" }, "Device" },
        { "third processor", "sequential_tiny", new MasOptions { Device = "cpu:3" }, "Device" },
        { "signed index", "sequential_tiny", new MasOptions { Device = "cuda:+1" }, "Device" },
        { "null device of an agent", "sequential_tiny", new MasOptions { AgentDevices = { ["planner"] = null! } }, "AgentDevices" },
        { "third processor of an agent", "sequential_tiny", new MasOptions { AgentDevices = { ["planner"] = "cpu:3" } }, "AgentDevices" },
        { "device of an unknown agent", "sequential_tiny", new MasOptions { AgentDevices = { ["planer"] = "cpu" } }, "AgentDevices" },
        { "type of an unknown agent", "sequential_tiny", new MasOptions { AgentDtypes = { ["ghost"] = ModelDtype.Float32 } }, "AgentDtypes" },
        { "no devices", "sequential_tiny", new MasOptions { AgentDevices = null! }, "AgentDevices" },
        { "no types", "sequential_tiny", new MasOptions { AgentDtypes = null! }, "AgentDtypes" },
        { "unknown type of an agent", "sequential_tiny", new MasOptions { AgentDtypes = { ["planner"] = (ModelDtype)77 } }, "AgentDtypes" },
        { "null residency", "sequential_tiny", new MasOptions { Residency = null! }, "Residency" },
        { "null clock", "sequential_tiny", new MasOptions { Clock = null! }, "Clock" },
        { "unknown type", "sequential_tiny", new MasOptions { Dtype = (ModelDtype)77 }, "Dtype" },
        { "unknown type of links", "sequential_tiny", new MasOptions { LinkDtype = (ModelDtype)(-1) }, "LinkDtype" },
        { "unknown channel", "sequential_tiny", new MasOptions { Channel = (MasChannel)77 }, "Channel" },
        { "unknown compatibility", "sequential_tiny", new MasOptions { Compatibility = (MasCompatibility)77 }, "Compatibility" },
        { "no rounds", "sequential_tiny", new MasOptions { Rounds = 0 }, "Rounds" },
        { "negative steps", "sequential_tiny", new MasOptions { LatentSteps = -1 }, "LatentSteps" },
        { "no tokens", "sequential_tiny", new MasOptions { MaxNewTokens = 0 }, "MaxNewTokens" },
        { "nobody at once", "sequential_tiny", new MasOptions { MaxConcurrency = 0 }, "MaxConcurrency" },
        { "negative queue", "sequential_tiny", new MasOptions { MaxQueue = -1 }, "MaxQueue" },
        { "no sessions in a step", "sequential_tiny", new MasOptions { Steps = new StepOptions { Sessions = 0 } }, "Steps.Sessions" },
        { "null steps", "sequential_tiny", new MasOptions { Steps = null! }, "Steps" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public async Task The_right_option_is_blamed(string fault, string? name, MasOptions options, string blamed)
    {
        InvalidOptionException loading = await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(name, options, cancellationToken: Token));
        Assert.True(blamed == loading.Option, $"{fault}: {loading.Message}");
        Assert.Equal(blamed, Assert.Throws<InvalidOptionException>(() => MasSystem.EstimateMemory(name, options)).Option);
    }

    [Fact]
    public async Task The_same_folder_or_style_twice_is_no_contradiction()
    {
        string folder = fixture.CopyFolder();
        await using MasSystem one = await MasSystem.LoadAsync(
            folder,
            new MasOptions { Folder = folder + "/.", Style = SystemFixture.Name },
            cancellationToken: Token);
        await using MasSystem two = await MasSystem.LoadAsync(
            SystemFixture.Name,
            new MasOptions { Folder = folder, Style = SystemFixture.Name },
            cancellationToken: Token);
        Assert.Equal(SystemFixture.Name, one.Style.Name);
        Assert.Equal(SystemFixture.Name, two.Style.Name);
    }

    [Fact]
    public async Task Everything_that_a_released_system_lacks_is_listed_with_its_owner()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        Directory.CreateDirectory(Path.Combine(folder, "Mixture-Code-Qwen2.5-Coder-3B"));
        CheckpointException error =
            await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync("mixture", new MasOptions { Folder = folder }, cancellationToken: Token));
        foreach (string repository in new[]
        {
            "Mixture-Math-DeepSeek-R1-Distill-Qwen-1.5B", "Mixture-Science-BioMistral-7B", "Mixture-Summarizer-Qwen3.5-2B", "Mixture-Outerlinks",
        })
            Assert.Contains($"RecursiveMAS/{repository}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RecursiveMAS/Mixture-Code", error.Message, StringComparison.Ordinal);
        Assert.Contains("Found: Mixture-Code", error.Message, StringComparison.Ordinal);
        Assert.Contains("recursivemas download mixture", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("MasOptions.Folder.", error.Message, StringComparison.Ordinal);

        // Without a name the system that is nearest to complete is told.
        CheckpointException nearest = await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(folder, cancellationToken: Token));
        Assert.Contains("'mixture'", nearest.Message, StringComparison.Ordinal);
        Assert.Contains("RecursiveMAS/Mixture-Outerlinks", nearest.Message, StringComparison.Ordinal);

        // A download that was broken off hides nothing.
        Directory.CreateDirectory(Path.Combine(folder, "models--RecursiveMAS--Mixture-Outerlinks", "snapshots"));
        CheckpointException broken =
            await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync("mixture", new MasOptions { Folder = folder }, cancellationToken: Token));
        Assert.Contains("'RecursiveMAS/Mixture-Outerlinks' (", broken.Message, StringComparison.Ordinal);
        Assert.Contains("RecursiveMAS/Mixture-Summarizer-Qwen3.5-2B", broken.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_folder_full_of_other_things_is_not_listed_as_a_whole()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        for (int i = 0; i < 25; i++)
            Directory.CreateDirectory(Path.Combine(folder, $"other{i:00}"));
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(folder, cancellationToken: Token));
        Assert.Contains("Found: other00, other01,", error.Message, StringComparison.Ordinal);
        Assert.Contains(", other09 and 15 more.", error.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_system_of_ones_own_names_a_repository_for_each_agent()
    {
        StyleDefinition broken = fixture.System.Style with { Repositories = new Dictionary<string, string> { ["planner"] = "Sequential-Tiny-Planner-Qwen3" } };
        GraphException error = await Assert.ThrowsAsync<GraphException>(() => MasSystem.LoadAsync(broken, fixture.CopyFolder(), cancellationToken: Token));
        Assert.Contains("critic", error.Message, StringComparison.Ordinal);
        Assert.Throws<GraphException>(() => broken.AllRepositories.Count());
        Assert.Equal(
            "Style",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(
                fixture.System.Style,
                fixture.CopyFolder(),
                new MasOptions { Style = "mixture" },
                cancellationToken: Token))).Option);
        Assert.Equal(
            "folder",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(fixture.System.Style, "", cancellationToken: Token))).Option);
    }
}
