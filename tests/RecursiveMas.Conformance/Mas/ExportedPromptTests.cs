using System.Text.Json;
using RecursiveMas.Catalogue;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>
/// Catalogues as tools/export-prompts.py writes them, from a made-up clone with other words: they load, say what its functions say, and answer.
/// </summary>
public sealed class ExportedPromptTests
{
    private const string Suffix = ".prompts.json";

    private static string Folder => Path.Combine(Goldens.RepositoryRoot, "tools", "made_up_clone", "exported");

    private static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*" + Suffix).Select(file => Path.GetFileName(file)[..^Suffix.Length]).Order(StringComparer.Ordinal);

    public static IEnumerable<TheoryDataRow<string>> Catalogues() => Goldens.NotEmpty(Names.Select(name => new TheoryDataRow<string>(name)), Folder);

    public static IEnumerable<TheoryDataRow<string>> Styles() => Goldens.Subfolders("mas");

    [Theory]
    [MemberData(nameof(Catalogues))]
    public void Prompts_are_those_of_the_functions_that_they_come_from(string name)
    {
        PromptCatalogue catalogue = Load(name);
        JsonElement[] rows =
        [
            .. File.ReadLines(Path.Combine(Folder, "filled.jsonl")).Select(line => JsonElement.Parse(line)).Where(row => Text(row, "catalogue") == name),
        ];
        Assert.NotEmpty(rows);
        foreach (JsonElement row in rows)
        {
            var question = new MasQuestion(Text(row, "question")!)
            {
                Kind = Enum.Parse<TaskKind>(Text(row, "kind")!, ignoreCase: true),
                WholeProgram = row.GetProperty("program").GetBoolean(),
                FunctionName = Text(row, "function"),
            };
            Dictionary<string, string> markers = row.GetProperty("slots").EnumerateObject().ToDictionary(slot => slot.Value.GetString()!, slot => slot.Name);
            int[] rounds = Text(row, "rounds") switch { "first" => [1], "later" => [2, 3], _ => [1, 2, 3] };
            foreach (int round in rounds)
            {
                AgentPrompt prompt = catalogue.GetPrompt(Text(row, "agent")!, round, question);
                Assert.NotNull(prompt.System);
                Assert.Equal(Text(row, "user"), string.Concat(prompt.User.Select(part => part.Kind == PromptPartKind.Slot ? markers[part.Value] : part.Value)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public async Task Systems_answer_questions_of_every_kind_with_them(string style)
    {
        string shipped = ((PromptCatalogue)StyleCatalogue.Find(style).Prompts).Name["recursivemas-".Length..];
        string[] names = [.. Names.Where(name => name == shipped || name.StartsWith(shipped + "-", StringComparison.Ordinal))];
        Assert.NotEmpty(names);
        foreach (string name in names)
        {
            var options = new MasOptions
            {
                Prompts = Load(name),
                Rounds = 2,
                LatentSteps = 2,
                MaxNewTokens = 4,
                Dtype = ModelDtype.Float32,
                Sampling = new SamplingOptions { DoSample = false },
            };
            await using MasSystem mas = await MasSystem.LoadAsync(
                Goldens.Folder("mas", style),
                options,
                cancellationToken: TestContext.Current.CancellationToken);
            foreach (TaskKind kind in Enum.GetValues<TaskKind>())
            {
                var question = new MasQuestion("Which?\nA. this\nB. that") { Kind = kind, FunctionName = kind == TaskKind.Code ? "which" : null };
                MasAnswer answer = await mas.AskAsync(question, null, TestContext.Current.CancellationToken);
                // Four tokens of an untrained model hold no answer.
                Assert.Equal(kind != TaskKind.Free, answer.AnswerPassRan);
                Assert.Equal(2, answer.Rounds);
            }
        }
    }

    private static PromptCatalogue Load(string name) => PromptCatalogue.Load(Path.Combine(Folder, name + Suffix));

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();
}
