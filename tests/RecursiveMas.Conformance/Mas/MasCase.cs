using System.Text.Json;
using RecursiveMas.Testing;

namespace RecursiveMas.Conformance.Mas;

/// <summary>A prompt that the reference implementation rendered.</summary>
internal sealed record RecordedPrompt(string? System, string User, IReadOnlyList<string> Markers, string Rendered, IReadOnlyList<int[]> Ids);

/// <summary>A rollout of one batch.</summary>
internal sealed record RecordedRollout(string Tensor, IReadOnlyList<int> Lengths, int Width);

/// <summary>A block that crossed.</summary>
internal sealed record RecordedBlock(string Tensor, string Dtype);

/// <summary>A text of one batch.</summary>
internal sealed record RecordedText(string Tensor, IReadOnlyList<int> SafeTokens, double MinMargin, int End, int MaxNewTokens, IReadOnlyList<int[]> InputIds);

/// <summary>What one agent did in one round, over the whole data set; lists of batches in order.</summary>
internal sealed class RecordedStage(string name)
{
    public string Name => name;

    public string Role => MasRoles.Role(name);

    public int Round { get; set; }

    public List<RecordedPrompt> Prompts { get; } = [];

    public List<RecordedRollout> Rollouts { get; } = [];

    public List<RecordedBlock> Blocks { get; } = [];

    public List<RecordedText> Texts { get; } = [];
}

/// <summary>One recorded run of the reference implementation.</summary>
internal sealed class MasCase
{
    private MasCase(string style, string path)
    {
        Style = style;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement root = document.RootElement, settings = root.GetProperty("case");
        Name = settings.GetProperty("name").GetString()!;
        Dtype = settings.GetProperty("dtype").GetString()!;
        DataSet = settings.GetProperty("dataset").GetString()!;
        Rounds = settings.GetProperty("rounds").GetInt32();
        Steps = settings.GetProperty("steps").GetInt32();
        Batch = settings.GetProperty("batch").GetInt32();
        MaxNewTokens = root.GetProperty("max_new_tokens").GetInt32();
        Questions = Texts(root.GetProperty("questions"));
        BeforeRetry = Texts(root.GetProperty("final").GetProperty("before_retry"));
        AfterRetry = Texts(root.GetProperty("final").GetProperty("after_retry"));
        TensorFile = Path.ChangeExtension(path, ".safetensors");
        Stages = ReadStages(root.GetProperty("events"));
        using JsonDocument prompts = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "prompts.json")));
        SystemText = prompts.RootElement.GetProperty("system").GetString()!;
        string kind = Kind switch { TaskKind.Code => "code", TaskKind.Choice => "choice", _ => "math" };
        AnswerPass = prompts.RootElement.GetProperty("answer_pass").GetProperty(kind).GetString()!;
    }

    public string Style { get; }

    public string Name { get; }

    /// <summary>"float32", or "auto" for as stored.</summary>
    public string Dtype { get; }

    public string DataSet { get; }

    public int Rounds { get; }

    public int Steps { get; }

    public int Batch { get; }

    public int MaxNewTokens { get; }

    public IReadOnlyList<string> Questions { get; }

    public IReadOnlyList<string> BeforeRetry { get; }

    public IReadOnlyList<string> AfterRetry { get; }

    public string TensorFile { get; }

    public string SystemText { get; }

    /// <summary>What the reference put behind texts without an answer.</summary>
    public string AnswerPass { get; }

    public IReadOnlyList<RecordedStage> Stages { get; }

    /// <summary>The texts of the answer pass with the questions of each batch; only questions without an answer are among them.</summary>
    public IEnumerable<(RecordedText Text, int[] Questions)> AnswerPasses
    {
        get
        {
            int[] again = [.. Enumerable.Range(0, Questions.Count).Where(AskedAgain)];
            int at = 0;
            foreach (RecordedText text in Stages.FirstOrDefault(stage => stage.Role == MasRoles.AnswerPass)?.Texts ?? [])
            {
                yield return (text, again[at..(at + text.InputIds.Count)]);
                at += text.InputIds.Count;
            }
        }
    }

    public TaskKind Kind => DataSet switch
    {
        "mbppplus" => TaskKind.Code,
        "medqa" or "gpqa" => TaskKind.Choice,
        _ => TaskKind.Math,
    };

    /// <summary>Indices of the questions of each batch.</summary>
    public IEnumerable<int[]> Batches => Enumerable.Range(0, Questions.Count).Chunk(Batch);

    /// <summary>Every question with its batch and its row there.</summary>
    public IEnumerable<(int Batch, int Row, int Question)> Rows =>
        Enumerable.Range(0, Questions.Count).Select(question => (question / Batch, question % Batch, question));

    public static MasCase Open(string style, string name) => new(style, Goldens.Folder("mas", style, "cases", name + ".json"));

    /// <summary>Whether the reference asked a question again.</summary>
    public bool AskedAgain(int question) => AfterRetry[question] != BeforeRetry[question];

    /// <summary>What a role did in a round; null if it did nothing.</summary>
    public RecordedStage? Find(string role, int round, bool writes = false) =>
        Stages.FirstOrDefault(stage => stage.Role == role && stage.Round == round && (stage.Texts.Count > 0) == writes);

    /// <summary>Stages in which the writer wrote although another round followed.</summary>
    public IEnumerable<RecordedStage> ThrownAway(string writer) => Stages.Where(stage => stage.Role == writer && stage.Texts.Count > 0).SkipLast(1);

    /// <summary>The texts of the last round, by batch; the answer pass that may follow is a stage of its own.</summary>
    public IReadOnlyList<RecordedText> FinalTexts(string writer) => Stages.Last(stage => stage.Role == writer && stage.Texts.Count > 0).Texts;

    private static List<RecordedStage> ReadStages(JsonElement events)
    {
        var stages = new List<RecordedStage>();
        foreach (JsonElement item in events.EnumerateArray())
        {
            switch (item.GetProperty("kind").GetString())
            {
                case "load":
                    stages.Add(new RecordedStage(item.GetProperty("agent").GetString()!));
                    break;
                case "prompt_whole":
                case "prompt_pieces":
                    stages[^1].Prompts.Add(new RecordedPrompt(
                        item.TryGetProperty("system", out JsonElement system) ? system.GetString() : null,
                        item.GetProperty("user").GetString()!,
                        item.TryGetProperty("slots", out JsonElement slots) ? Texts(slots) : [],
                        item.GetProperty("rendered").GetString()!,
                        [.. item.GetProperty("ids").EnumerateArray().Select(Ids)]));
                    break;
                case "rollout":
                    stages[^1].Rollouts.Add(new RecordedRollout(
                        item.GetProperty("tensor").GetString()!,
                        [.. item.GetProperty("mask_lengths").EnumerateArray().Select(length => length.GetInt32())],
                        item.GetProperty("width").GetInt32()));
                    break;
                case "outer":
                    stages[^1].Blocks.Add(new RecordedBlock(item.GetProperty("tensor").GetString()!, item.GetProperty("dtype").GetString()!));
                    break;
                case "generate":
                    stages[^1].Texts.Add(new RecordedText(
                        item.GetProperty("tensor").GetString()!,
                        [.. item.GetProperty("safe_tokens").EnumerateArray().Select(count => count.GetInt32())],
                        item.GetProperty("min_margin").GetDouble(),
                        item.GetProperty("eos").GetInt32(),
                        item.GetProperty("max_new_tokens").GetInt32(),
                        item.TryGetProperty("input_ids", out JsonElement input) && input.ValueKind == JsonValueKind.Array
                            ? [.. input.EnumerateArray().Select(Ids)]
                            : []));
                    break;
            }
        }

        Number(stages);
        return stages;
    }

    /// <summary>The n-th time that a role thinks is its round n; a role that writes does so after it has thought in every earlier round.</summary>
    private static void Number(List<RecordedStage> stages)
    {
        var thought = new Dictionary<string, int>(StringComparer.Ordinal);
        var wrote = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (RecordedStage stage in stages)
        {
            if (stage.Texts.Count > 0)
                stage.Round = wrote[stage.Role] = Math.Max(wrote.GetValueOrDefault(stage.Role), thought.GetValueOrDefault(stage.Role)) + 1;
            else
                stage.Round = thought[stage.Role] = thought.GetValueOrDefault(stage.Role) + 1;
        }
    }

    private static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt32())];

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];
}
