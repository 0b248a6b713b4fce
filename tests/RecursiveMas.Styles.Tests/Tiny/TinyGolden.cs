using System.Globalization;
using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.Tiny;

/// <summary>A question with the texts that the reference implementation wrote for it, by number of rounds.</summary>
internal sealed record TinyQuestion(string Question, string Answer, IReadOnlyDictionary<int, string> Texts);

/// <summary>The data of a trained tiny system.</summary>
internal sealed class TinyGolden
{
    private TinyGolden(string folder, string slotMarker)
    {
        Folder = folder;
        using JsonDocument prompts = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "prompts.json")));
        JsonElement root = prompts.RootElement;
        LatentSteps = root.GetProperty("latent_steps").GetInt32();
        Prompts = root
            .EnumerateObject()
            .Where(entry => entry.Value.ValueKind == JsonValueKind.String)
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!);
        SlotMarker = Prompts.GetValueOrDefault("slot", slotMarker);
        Questions = [.. File.ReadLines(Path.Combine(folder, "questions.jsonl")).Where(line => line.Length > 0).Select(Parse)];
    }

    public string Folder { get; }

    public int LatentSteps { get; }

    public string SlotMarker { get; }

    public IReadOnlyDictionary<string, string> Prompts { get; }

    public IReadOnlyList<TinyQuestion> Questions { get; }

    /// <summary>Numbers of rounds for which texts are recorded.</summary>
    public IEnumerable<int> Rounds => Questions[0].Texts.Keys.Order();

    public static TinyGolden Open(string system) => new(Goldens.Folder("tiny", system), "@@SLOT@@");

    /// <summary>Whether the content of the last box is the right answer.</summary>
    public static bool IsRight(TinyQuestion question, string text)
    {
        int start = text.LastIndexOf("\\boxed{", StringComparison.Ordinal), end = text.LastIndexOf('}');
        return start >= 0 && end > start && text[(start + "\\boxed{".Length)..end] == question.Answer;
    }

    /// <summary>Share of right answers, in per cent.</summary>
    public double Accuracy(IEnumerable<string> texts) => 100.0 * texts.Zip(Questions).Count(pair => IsRight(pair.Second, pair.First)) / Questions.Count;

    /// <summary>
    /// Demands what the data promise: at least 98 % of the texts equal to the recorded ones, and an accuracy within 1.5 points of theirs.
    /// </summary>
    public void RequireRecorded(int rounds, IReadOnlyList<string> texts)
    {
        string[] recorded = [.. Questions.Select(question => question.Texts[rounds])];
        int same = texts.Zip(recorded).Count(pair => pair.First == pair.Second);
        Assert.True(
            same >= 0.98 * recorded.Length,
            string.Create(CultureInfo.InvariantCulture, $"{rounds} rounds: {same} of {recorded.Length} texts equal the recorded ones"));
        Assert.InRange(Accuracy(texts), Accuracy(recorded) - 1.5, Accuracy(recorded) + 1.5);
    }

    /// <summary>
    /// Demands the recorded texts at every recorded number of rounds, and an accuracy that rises wherever that of the recorded texts rises.
    /// </summary>
    public async Task RequireRecordedAsync(MasSystem mas)
    {
        double before = 0, recordedBefore = 0;
        foreach (int rounds in Goldens.NotEmpty(Rounds, Folder))
        {
            string[] texts = await AskAsync(mas, new AskOptions { Rounds = rounds });
            RequireRecorded(rounds, texts);
            double recorded = Accuracy(Questions.Select(question => question.Texts[rounds]));
            if (recorded > recordedBefore)
                Assert.True(Accuracy(texts) > before, $"{rounds} rounds are no better than fewer");
            (before, recordedBefore) = (Accuracy(texts), recorded);
        }
    }

    /// <summary>Loads the system of this folder with its own prompts, as the recorded texts were made: float32, greedy.</summary>
    public Task<MasSystem> LoadAsync(string name, IPromptSource prompts, int maxNewTokens, int batch) => MasSystem.LoadAsync(
        name,
        new MasOptions
        {
            Folder = Folder,
            Device = TestDevice.Name,
            Dtype = ModelDtype.Float32,
            ManagedKernels = TestKernels.Managed,
            LatentSteps = LatentSteps,
            MaxNewTokens = maxNewTokens,
            Sampling = new SamplingOptions { DoSample = false },
            Prompts = prompts,
            MaxConcurrency = batch,
        },
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Texts for all questions, in their order.</summary>
    public async Task<string[]> AskAsync(MasSystem mas, AskOptions options) =>
        [.. (await mas
            .AskManyAsync(Questions.Select(question => question.Question), options, cancellationToken: TestContext.Current.CancellationToken)
            .AnswersAsync()).Select(answer => answer.Text)];

    private static TinyQuestion Parse(string line)
    {
        using JsonDocument row = JsonDocument.Parse(line);
        JsonElement answer = row.RootElement.GetProperty("answer");
        return new TinyQuestion(
            row.RootElement.GetProperty("question").GetString()!,
            answer.ValueKind == JsonValueKind.String ? answer.GetString()! : answer.GetRawText(),
            row.RootElement.EnumerateObject()
                .Where(field => field.Name.Length > 1 && field.Name[0] == 'r' && field.Name[1..].All(char.IsAsciiDigit))
                .ToDictionary(field => int.Parse(field.Name[1..], CultureInfo.InvariantCulture), field => field.Value.GetString()!));
    }
}

/// <summary>The prompts of a golden folder as the engine wants them.</summary>
/// <param name="golden">The folder.</param>
/// <param name="choose">Name of the prompt in the folder, the role that it names, and the slots in their order.</param>
internal sealed class TinyPrompts(TinyGolden golden, Func<string, int, (string Key, string Role, string[] Slots)> choose) : IPromptSource
{
    public static TinyPrompts Sequential(TinyGolden golden) => new(golden, (agent, round) => agent switch
    {
        "planner" => (round == 1 ? "planner_first" : "planner_later", "", ["feedback"]),
        "critic" => ("critic", "", ["plan"]),
        _ => ("solver", "", ["refined"]),
    });

    public static TinyPrompts Mixture(TinyGolden golden) => new(golden, (agent, round) => agent == "summarizer"
        ? ("summarizer", "", ["math", "code", "science"])
        : (round == 1 ? "expert_first" : "expert_later", char.ToUpperInvariant(agent[0]) + agent[1..], ["feedback"]));

    public AgentPrompt GetPrompt(string agent, int round, MasQuestion question)
    {
        (string key, string role, string[] slots) = choose(agent, round);
        var parts = new List<PromptPart>();
        string[] pieces = golden.Prompts[key].Replace("{role}", role, StringComparison.Ordinal).Split(golden.SlotMarker);
        for (int i = 0; i < pieces.Length; i++)
        {
            string[] around = pieces[i].Split("{question}");
            parts.Add(PromptPart.Text(around[0]));
            if (around.Length > 1)
                parts.AddRange([PromptPart.Given(question.Text), PromptPart.Text(around[1])]);
            if (i < pieces.Length - 1)
                parts.Add(PromptPart.Slot(slots[i]));
        }

        return new AgentPrompt(golden.Prompts["system"], [.. parts.Where(part => part.Value.Length > 0)]);
    }
}
