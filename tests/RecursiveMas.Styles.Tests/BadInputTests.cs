using System.Text.Json.Nodes;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Whatever is wrong with files, options or questions has a name, a place and a fix, and leaves nothing in memory.</summary>
[Collection(LiveTensors.Collection)]
public class BadInputTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const string Planner = "Sequential-Tiny-Planner-Qwen3",
        Critic = "Sequential-Tiny-Critic-Llama",
        Solver = "Sequential-Tiny-Solver-Qwen2",
        Links = "Sequential-Tiny-Outerlinks";

    public static TheoryData<string, string[]> Damages() => new()
    {
        { "no repository", [Critic, "missing"] },
        { "no config", ["config.json", "missing"] },
        { "no weights", ["model.safetensors", "neither"] },
        { "no tokenizer", ["tokenizer.json", "missing"] },
        { "no template", ["template"] },
        { "no inner link", ["adapter.pt", "missing"] },
        { "no outer link", ["Critic-Solver-Outerlink.pt", "missing"] },
        { "no manifest", ["outerlink_config.json", "missing"] },
        { "model type", ["config.json", "model_type 'falcon'", "Known", "llama"] },
        { "no model type", ["config.json", "model_type"] },
        { "inner type", ["adapter_type 'lora'", "ln_res_adapter"] },
        { "outer type", ["adapter_type 'magic'", "outer_ln_res_adapter"] },
        { "inner type as outer", ["two agents"] },
        { "wrong shape", ["embed_tokens", "[336, 96]"] },
        { "left-over tensor", ["model.safetensors", "layers.2"] },
        { "missing tensor", ["layers.3"] },
        { "no edge", ["outer_23", "critic", "solver", "112", "80"] },
        { "swapped roles", ["outer_12", "swapped"] },
        { "declared width", ["outer_31", "80", "96"] },
        { "agent of another width", ["outer_12", "96", "112"] },
        { "agent of another width, undeclared", ["Planner-Critic-Outerlink.pt", "[224, 96]", "[224, 112]"] },
        { "swapped links", ["Critic-Solver-Outerlink.pt", "instead of"] },
        { "link leaves its folder", ["outside.pt", "plain file names"] },
        { "manifest version", ["format_version 2", "Supported: 1"] },
        { "broken json", ["outerlink_config.json", "JSON"] },
        { "truncated weights", ["model.safetensors"] },
        { "not finite", ["NaN", "infinity"] },
        { "unsupported rope", ["yarn", "llama3"] },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damaged_folders(string damage, string[] words)
    {
        string folder = fixture.CopyFolder();
        Damage(folder, damage);
        _ = fixture.System;
        long before = torch.Tensor.TotalCount;
        RecursiveMasException error = await Assert.ThrowsAnyAsync<RecursiveMasException>(() => MasSystem.LoadAsync(
            folder,
            new MasOptions { Style = SystemFixture.Name },
            cancellationToken: TestContext.Current.CancellationToken));
        foreach (string word in words)
            Assert.Contains(word, error.Message, StringComparison.OrdinalIgnoreCase);
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task Non_finite_states_are_found_where_they_appear()
    {
        string folder = fixture.CopyFolder();
        // Finite weights that overflow: the link loader cannot see it, the hop does.
        Rewrite(Path.Combine(folder, Solver, "model.safetensors"), "model.norm.weight", 0x7f7f);
        await using MasSystem mas = await MasSystem.LoadAsync(
            folder,
            new MasOptions { Style = SystemFixture.Name },
            cancellationToken: TestContext.Current.CancellationToken);
        NonFiniteException error =
            await Assert.ThrowsAsync<NonFiniteException>(() => mas.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken));
        Assert.Equal(("solver", 1), (error.Agent, error.Round));
        Assert.True(error.Step >= 1);
    }

    [Fact]
    public async Task Questions_and_options()
    {
        MasSystem mas = fixture.System;
        CancellationToken token = TestContext.Current.CancellationToken;
        await Assert.ThrowsAsync<PromptException>(() => mas.AskAsync("   ", token));
        PromptException tooLong =
            await Assert.ThrowsAsync<PromptException>(() => mas.AskAsync(string.Join(' ', Enumerable.Repeat(SystemFixture.Question, 40)), token));
        Assert.Contains("512", tooLong.Message, StringComparison.Ordinal);
        Assert.Equal("Rounds", (await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new AskOptions { Rounds = 0 }))).Option);
        Assert.Equal("LatentSteps", (await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new AskOptions { LatentSteps = -1 }))).Option);
        Assert.Equal("MaxNewTokens", (await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new AskOptions { MaxNewTokens = 0 }))).Option);
        Assert.Equal("Channel", (await Assert.ThrowsAsync<InvalidOptionException>(() => Ask(new AskOptions { Channel = (MasChannel)77 }))).Option);
        CheckpointException code =
            await Assert.ThrowsAsync<CheckpointException>(() => mas.AskAsync(new MasQuestion("x") { Kind = TaskKind.Code }, null, token));
        Assert.Contains("code", code.Message, StringComparison.Ordinal);
        // With the links for other kinds only the prompts are missing.
        await Assert.ThrowsAsync<PromptException>(() => mas.AskAsync(new MasQuestion("x") { Kind = TaskKind.Code, LinkKind = TaskKind.Math }, null, token));
        Assert.Equal("LinkKind", Assert.Throws<InvalidOptionException>(() => new MasQuestion("x") { LinkKind = (TaskKind)77 }).Option);
        PromptException kind = await Assert.ThrowsAsync<PromptException>(() => mas.AskAsync(new MasQuestion("x") { Kind = TaskKind.Free }, null, token));
        Assert.Contains("math", kind.Message, StringComparison.Ordinal);

        Task<MasAnswer> Ask(AskOptions options) => mas.AskAsync(new MasQuestion(SystemFixture.Question), options, token);
    }

    [Theory]
    [InlineData(Planner, "planner", 3)]
    [InlineData(Solver, "solver", 1)]
    public async Task A_question_too_long_for_any_agent_is_refused_before_the_first_begins(string repository, string agent, int rounds)
    {
        string folder = fixture.CopyFolder();
        CancellationToken token = TestContext.Current.CancellationToken;
        // The longest prompt of the agent takes exactly what it has: its own tokens, one block, and the positions that it needs besides.
        var options = new MasOptions { Style = SystemFixture.Name, Rounds = rounds };
        int needed;
        await using (MasSystem whole = await MasSystem.LoadAsync(folder, options, cancellationToken: token))
        {
            IAgent measured = whole.Agents[agent];
            needed = Enumerable.Range(
                1,
                rounds).Max(round => measured.Measure(whole.Style.Prompts.GetPrompt(agent, round, new MasQuestion(SystemFixture.Question)))!.Value.Positions
                + (agent == "planner" && round == 1 ? 0 : whole.Style.Defaults.LatentSteps));
            needed += agent == "solver" ? 1 : whole.Style.Defaults.LatentSteps - 1;
        }

        Assert.Equal("answered", await AskWith(needed));
        Assert.Contains($"'{agent}'", await AskWith(needed - 1), StringComparison.Ordinal);

        async Task<string> AskWith(int positions)
        {
            Edit(Path.Combine(folder, repository, "config.json"), root => root["max_position_embeddings"] = positions);
            await using MasSystem mas = await MasSystem.LoadAsync(folder, options, cancellationToken: token);
            List<MasUpdate> updates = [];
            try
            {
                await foreach (MasUpdate update in mas.AskStreamingAsync(SystemFixture.Question, token))
                    updates.Add(update);
                return "answered";
            }
            catch (PromptException error)
            {
                Assert.Empty(updates);
                return error.Message;
            }
        }
    }

    [Fact]
    public async Task Names_devices_and_agents_that_do_not_exist()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        Assert.Contains(
            "sequential_tiny",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync("no_such_system", cancellationToken: token))).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(cancellationToken: token));
        Assert.Contains(
            "cuda",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(
                SystemFixture.Name,
                new MasOptions { Device = "tpu" },
                cancellationToken: token))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "planner",
            (await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(
                SystemFixture.Name,
                new MasOptions { AgentDevices = { ["ghost"] = "cpu" } },
                cancellationToken: token))).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(
            SystemFixture.Name,
            new MasOptions { Rounds = 0 },
            cancellationToken: token));
        string empty = Directory.CreateTempSubdirectory().FullName;
        Assert.Contains(
            "holds no complete system",
            (await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(empty, cancellationToken: token))).Message,
            StringComparison.Ordinal);
        Directory.Delete(empty);
    }

    [Fact]
    public async Task A_disposed_system_refuses_work_and_a_running_question_is_cancelled()
    {
        MasSystem mas = MasSystem.Load(SystemFixture.Name);
        Task<MasAnswer> running = mas.AskAsync(new MasQuestion(SystemFixture.Question), new AskOptions { Rounds = 200 }, TestContext.Current.CancellationToken);
        await mas.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => mas.AskAsync(SystemFixture.Question, TestContext.Current.CancellationToken));
        mas.Dispose();
    }

    private static void Damage(string folder, string damage)
    {
        string manifest = Path.Combine(folder, Links, "outerlink_config.json"),
            config = Path.Combine(folder, Planner, "config.json"),
            weights = Path.Combine(folder, Planner, "model.safetensors");
        switch (damage)
        {
            case "no repository":
                Directory.Delete(Path.Combine(folder, Critic), recursive: true);
                break;
            case "no config":
                File.Delete(config);
                break;
            case "no weights":
                File.Delete(weights);
                break;
            case "no tokenizer":
                File.Delete(Path.Combine(folder, Solver, "tokenizer.json"));
                break;
            case "no template":
                File.Delete(Path.Combine(folder, Solver, "chat_template.jinja"));
                break;
            case "no inner link":
                File.Delete(Path.Combine(folder, Critic, "adapter.pt"));
                break;
            case "no outer link":
                File.Delete(Path.Combine(folder, Links, "Critic-Solver-Outerlink.pt"));
                break;
            case "no manifest":
                File.Delete(manifest);
                break;
            case "model type":
                Edit(config, root => root["model_type"] = "falcon");
                break;
            case "no model type":
                Edit(config, root => root.Remove("model_type"));
                break;
            case "inner type":
                Edit(Path.Combine(folder, Planner, "adapter_config.json"), root => root["adapter_type"] = "lora");
                break;
            case "outer type":
                Edit(manifest, root => Link(root, 0)["adapter_type"] = "magic");
                break;
            case "inner type as outer":
                Edit(manifest, root => Link(root, 0)["adapter_type"] = "ln_res_adapter");
                break;
            case "wrong shape":
                Edit(config, root => root["vocab_size"] = 400);
                break;
            case "left-over tensor":
                Edit(config, root =>
                {
                    root["num_hidden_layers"] = 2;
                    root["layer_types"] = new JsonArray("full_attention", "full_attention");
                });
                break;
            case "missing tensor":
                Edit(config, root =>
                {
                    root["num_hidden_layers"] = 4;
                    root["layer_types"] = new JsonArray("full_attention", "full_attention", "full_attention", "full_attention");
                });
                break;
            case "no edge":
                Edit(manifest, root => root["tasks"]!["math"]!["adapters"]!.AsArray().RemoveAt(1));
                break;
            case "swapped roles":
                Edit(manifest, root => (Link(root, 0)["source_role"], Link(root, 0)["target_role"]) = ("critic", "planner"));
                break;
            case "declared width":
                Edit(manifest, root => Link(root, 2)["out_dim"] = 97);
                break;
            case "agent of another width":
            case "agent of another width, undeclared":
                Directory.Delete(Path.Combine(folder, Planner), recursive: true);
                Directory.CreateDirectory(Path.Combine(folder, Planner));
                foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, Critic)))
                    File.Copy(file, Path.Combine(folder, Planner, Path.GetFileName(file)));
                if (damage.EndsWith("undeclared", StringComparison.Ordinal))
                {
                    Edit(manifest, root =>
                    {
                        for (int link = 0; link < 3; link++)
                        {
                            Link(root, link).Remove("in_dim");
                            Link(root, link).Remove("out_dim");
                        }
                    });
                }

                break;
            case "swapped links":
                Edit(manifest, root => (Link(root, 0)["filename"], Link(root, 1)["filename"]) = ("Critic-Solver-Outerlink.pt", "Planner-Critic-Outerlink.pt"));
                break;
            case "link leaves its folder":
                Edit(manifest, root => Link(root, 0)["filename"] = "../outside.pt");
                break;
            case "manifest version":
                Edit(manifest, root => root["format_version"] = 2);
                break;
            case "broken json":
                File.WriteAllText(manifest, "{ \"tasks\": ");
                break;
            case "truncated weights":
                File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..5000]);
                break;
            case "not finite":
                byte[] link = File.ReadAllBytes(Path.Combine(folder, Planner, "adapter.pt"));
                OverwriteFloats(link);
                File.WriteAllBytes(Path.Combine(folder, Planner, "adapter.pt"), link);
                break;
            case "unsupported rope":
                Edit(config, root => root["rope_parameters"]!["rope_type"] = "yarn");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage), damage, null);
        }
    }

    private static JsonObject Link(JsonObject root, int index) => root["tasks"]!["math"]!["adapters"]![index]!.AsObject();

    private static void Edit(string path, Action<JsonObject> change)
    {
        JsonObject root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }

    /// <summary>Fills a bfloat16 tensor of a safetensors file with one bit pattern.</summary>
    private static void Rewrite(string path, string tensor, ushort pattern)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = (int)BitConverter.ToUInt64(file, 0);
        JsonNode offsets = JsonNode.Parse(file.AsSpan(8, header))![tensor]!["data_offsets"]!;
        for (int at = 8 + header + (int)offsets[0]!; at < 8 + header + (int)offsets[1]!; at += 2)
            BitConverter.TryWriteBytes(file.AsSpan(at), pattern);
        File.WriteAllBytes(path, file);
    }

    /// <summary>Puts NaN into the first storage of a link file and mends the checksums, so that only the value is wrong.</summary>
    private static void OverwriteFloats(byte[] file)
    {
        ReadOnlySpan<byte> record = "/data/0"u8;
        int directory = file.AsSpan().LastIndexOf(record);
        int entry = file.AsSpan(0, directory).LastIndexOf("PK\x01\x02"u8);
        int local = file.AsSpan().IndexOf(record);
        int localHeader = file.AsSpan(0, local).LastIndexOf("PK\x03\x04"u8);
        int data = localHeader + 30 + BitConverter.ToUInt16(file, localHeader + 26) + BitConverter.ToUInt16(file, localHeader + 28);
        int size = BitConverter.ToInt32(file, entry + 20);
        BitConverter.TryWriteBytes(file.AsSpan(data), float.NaN);
        uint crc = Crc(file.AsSpan(data, size));
        BitConverter.TryWriteBytes(file.AsSpan(entry + 16), crc);
        int descriptor = data + size;
        if (BitConverter.ToUInt32(file, descriptor) == 0x08074b50)
            BitConverter.TryWriteBytes(file.AsSpan(descriptor + 4), crc);
        else
            BitConverter.TryWriteBytes(file.AsSpan(localHeader + 14), crc);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
        }

        return ~crc;
    }
}
