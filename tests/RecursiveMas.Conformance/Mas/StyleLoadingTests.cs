using System.Text.Json.Nodes;
using RecursiveMas.Catalogue;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Every system loads from folders and hub caches, and whatever is wrong with one is named.</summary>
public sealed class StyleLoadingTests : IDisposable
{
    private static readonly string[] s_damages = ["missing link", "swapped links", "another width", "file outside", "no such edge"];

    private readonly StyleFolders _folders = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static IEnumerable<TheoryDataRow<string>> Styles() => Goldens.Subfolders("mas");

    public static IEnumerable<TheoryDataRow<string, string>> Damages() => Styles().SelectMany(row => row.Skip is not null
        ? [new TheoryDataRow<string, string>(row.Data, "") { Skip = row.Skip }]
        : s_damages.Select(damage => new TheoryDataRow<string, string>(row.Data, damage)));

    public void Dispose() => _folders.Dispose();

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Folder_and_hub_cache_give_the_same_answer(string style)
    {
        var answers = new List<string>();
        foreach (string folder in new[] { _folders.Plain(style), _folders.HubCache(style) })
        {
            await using MasSystem mas = await MasSystem.LoadAsync(folder, Options(), cancellationToken: Token);
            Assert.Equal(style, mas.Style.Name);
            await using MasSystem byName = await MasSystem.LoadAsync(style, Options() with { Folder = folder }, cancellationToken: Token);
            foreach (MasSystem one in new[] { mas, byName })
                answers.Add((await one.AskAsync(new MasQuestion("What is 3 + 4?"), null, Token)).Text);
        }

        Assert.Single(answers.Distinct());
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task What_is_wrong_is_named_and_nothing_stays(string style, string damage)
    {
        string folder = _folders.Plain(style);
        StyleDefinition definition = StyleCatalogue.Find(style);
        string[] words = Damage(folder, definition, damage);
        RecursiveMasException error =
            await Assert.ThrowsAnyAsync<RecursiveMasException>(() => MasSystem.LoadAsync(folder, Options(), cancellationToken: Token));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Everything_that_is_missing_is_said_at_once(string style)
    {
        StyleDefinition definition = StyleCatalogue.Find(style);
        string folder = _folders.Plain(style);
        string[] agents = [.. definition.Graph.Agents.Select(agent => Path.Combine(folder, definition.RepositoryOf(agent))).Distinct()];
        string[] gone =
        [
            Path.Combine(agents[0], "config.json"), Path.Combine(agents[0], "tokenizer_config.json"), Path.Combine(agents[1], "model.safetensors"),
            Directory.EnumerateFiles(agents[1], "adapter*.pt").First(path => !path.Contains("(code)", StringComparison.Ordinal)),
            Path.Combine(folder, definition.LinkRepository, FileOf(folder, definition, definition.Graph.Edges[0])),
        ];
        foreach (string file in gone)
            File.Delete(file);
        if (!OperatingSystem.IsWindows())
            File.CreateSymbolicLink(gone[0], "../blobs/not-downloaded");
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => MasSystem.LoadAsync(folder, Options(), cancellationToken: Token));
        Assert.Contains("5 files are missing", error.Message, StringComparison.Ordinal);
        Assert.All(gone, file => Assert.Contains(Path.GetFileName(file), error.Message, StringComparison.Ordinal));
        Assert.All(gone, file => Assert.Contains(Path.GetFileName(Path.GetDirectoryName(file)!), error.Message, StringComparison.Ordinal));
        Assert.Contains($"recursivemas download {style}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task A_task_without_links_says_which_exist(string style)
    {
        StyleDefinition definition = StyleCatalogue.Find(style);
        string folder = _folders.Plain(style);
        if (definition.LinksByTask)
            Edit(folder, definition, manifest => manifest["tasks"]!.AsObject().Remove("code"));
        await using MasSystem mas = await MasSystem.LoadAsync(folder, Options(), cancellationToken: Token);
        var code = new MasQuestion("Add two numbers.") { Kind = TaskKind.Code, FunctionName = "add" };
        if (!definition.LinksByTask)
        {
            Assert.NotEmpty((await mas.AskAsync(code, null, Token)).Trace);
            return;
        }

        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => mas.AskAsync(code, null, Token));
        Assert.Contains("code", error.Message, StringComparison.Ordinal);
        Assert.Contains("math", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty((await mas.AskAsync("What is 3 + 4?", Token)).Trace);
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task A_prompt_catalogue_without_a_slot_is_refused_before_anything_is_loaded(string style)
    {
        StyleDefinition definition = StyleCatalogue.Find(style);
        string writer = definition.Graph.Writer,
            slot = definition.Graph.EdgesInto(writer).First().Slot,
            path = Path.Combine(_folders.Plain(style), "prompts.json");
        string shipped = ((PromptCatalogue)definition.Prompts).Name["recursivemas-".Length..];
        File.WriteAllText(path, $$"""
            { "format": 1, "name": "n", "version": "1", "extends": "{{shipped}}",
              "prompts": [ { "agents": ["{{writer}}"], "kinds": ["math", "choice", "code", "free"], "rounds": "every", "user": ["Answer.", "{question}"] } ] }
            """);
        var progress = new LoadCounter();
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() =>
            MasSystem.LoadAsync(Path.GetDirectoryName(path)!, Options() with { Prompts = PromptCatalogue.Load(path) }, progress, cancellationToken: Token));
        Assert.Contains($"'{slot}'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{writer}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, progress.Loaded);
    }

    private sealed class LoadCounter : IProgress<MasLoadProgress>
    {
        public int Loaded { get; private set; }

        public void Report(MasLoadProgress value) => Loaded++;
    }

    private static MasOptions Options() => new()
    {
        Rounds = 2,
        LatentSteps = 2,
        MaxNewTokens = 4,
        Dtype = ModelDtype.Float32,
        Sampling = new SamplingOptions { DoSample = false },
        AnswerPass = false,
    };

    /// <summary>Damages a system; returns what the complaint must name.</summary>
    private static string[] Damage(string folder, StyleDefinition style, string damage)
    {
        MasEdge edge = style.Graph.Edges[0];
        string links = Path.Combine(folder, style.LinkRepository);
        switch (damage)
        {
            case "missing link":
                string gone = FileOf(folder, style, edge);
                File.Delete(Path.Combine(links, gone));
                return [gone, "missing"];
            case "no such edge":
                Edit(folder, style, manifest => Remove(Adapters(manifest), edge.Key));
                return [$"'{edge.Key}'", edge.From, edge.To];
            case "swapped links":
                MasEdge other = style.Graph.Edges[^1];
                Edit(folder, style, manifest =>
                {
                    JsonNode one = Entry(Adapters(manifest), edge.Key), two = Entry(Adapters(manifest), other.Key);
                    (one["source_role"], one["target_role"], two["source_role"], two["target_role"]) = (other.From, other.To, edge.From, edge.To);
                });
                return ["swapped", edge.From, edge.To];
            case "file outside":
                Edit(folder, style, manifest => Entry(Adapters(manifest), edge.Key)["filename"] = "../outside.pt");
                return ["outside.pt"];
            default:
                Edit(folder, style, manifest =>
                {
                    JsonNode entry = Entry(Adapters(manifest), edge.Key);
                    entry["in_dim"] = 12345;
                });
                return ["12345", edge.From];
        }
    }

    private static string FileOf(string folder, StyleDefinition style, MasEdge edge)
    {
        string file = "";
        Edit(folder, style, manifest => file = Entry(Adapters(manifest), edge.Key)["filename"]!.GetValue<string>());
        return file;
    }

    private static void Edit(string folder, StyleDefinition style, Action<JsonNode> edit)
    {
        string path = Path.Combine(folder, style.LinkRepository, "outerlink_config.json");
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(path))!;
        edit(manifest);
        File.WriteAllText(path, manifest.ToJsonString());
    }

    private static JsonArray Adapters(JsonNode manifest) => (manifest["adapters"] ?? manifest["tasks"]!["math"]!["adapters"])!.AsArray();

    private static JsonNode Entry(JsonArray adapters, string key) => adapters.First(entry => entry!["legacy_key"]!.GetValue<string>() == key)!;

    private static void Remove(JsonArray adapters, string key) => adapters.Remove(Entry(adapters, key));
}
