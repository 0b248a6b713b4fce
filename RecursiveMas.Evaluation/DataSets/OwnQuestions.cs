using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RecursiveMas.DataSets.Rows;
using RecursiveMas.Shared;

namespace RecursiveMas.DataSets;

/// <summary>Questions of a user's own file.</summary>
internal sealed partial class OwnQuestions(string path, TaskKind kind)
{
    private static readonly string[] s_texts = ["question", "query", "prompt", "text", "input"];
    private static readonly string[] s_golds = ["answer", "gold", "gold_answer"];
    private static readonly string[] s_functions = ["function_name", "fn_name", "func_name", "entry_point"];
    private static readonly string[] s_kinds = ["task", "kind", "task_type"];
    private static readonly string[] s_tests = ["tests", "test"];

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    public List<EvaluationQuestion> Questions { get; } = [];

    public List<DataFault> Faults { get; } = [];

    /// <summary>Adds the questions of a file's content.</summary>
    /// <exception cref="DataSetException">Something in it is no question.</exception>
    public void Read(byte[] content)
    {
        string text = Decode(content);
        switch (Path.GetExtension(path).ToUpperInvariant())
        {
            case ".JSON":
                using (JsonDocument document = JsonRows.Parse(Encoding.UTF8.GetBytes(text), path))
                    AddAll(document.RootElement);
                break;
            case ".JSONL" or ".NDJSON":
                foreach (string line in Lines(text))
                    AddLine(line);
                break;
            default:
                foreach (string block in Blocks(text))
                    Add(block);
                break;
        }

        if (Questions.Count == 0)
            throw new DataSetException(path, "it holds no question.");
    }

    /// <summary>UTF-8, or what the mark at the beginning says.</summary>
    private string Decode(byte[] content)
    {
        try
        {
            using var reader = new StreamReader(new MemoryStream(content), new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException error)
        {
            throw new DataSetException(path, $"it is not UTF-8: {error.Message} Save it as UTF-8.", error);
        }
    }

    private static string[] Lines(string text) =>
        [.. text.ReplaceLineEndings("\n").Split('\n').Select(TextTrim.Both).Where(line => line.Length > 0)];

    /// <summary>Blocks between blank lines; the lines, where there is one block only.</summary>
    private static string[] Blocks(string text)
    {
        var blocks = new List<string>();
        var open = new StringBuilder();
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n').Append(""))
        {
            if (TextTrim.Both(line).Length > 0)
            {
                open.Append(open.Length > 0 ? "\n" : "").Append(line);
            }
            else if (open.Length > 0)
            {
                blocks.Add(TextTrim.Both(open.ToString()));
                open.Clear();
            }
        }

        return blocks.Count > 1 ? [.. blocks] : Lines(text);
    }

    private void AddAll(JsonElement root)
    {
        JsonElement list = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("questions", out JsonElement inner) ? inner : root;
        if (list.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in list.EnumerateArray())
                Add(item);
        }
        else
        {
            Add(list);
        }
    }

    private void AddLine(string line)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            Add(line);
            return;
        }

        using (document)
        {
            if (document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.String)
                Add(document.RootElement);
            else
                Add(line);
        }
    }

    private void Add(string text) => Add(Plain(text));

    private EvaluationQuestion Plain(string text) => new(Questions.Count, Name(null), text) { Kind = kind };

    private void Add(JsonElement item)
    {
        string where = $"{path}, question {Questions.Count}";
        Add(JsonRows.Read(where, () => item.ValueKind == JsonValueKind.String ? Plain(TextTrim.Both(item.GetString()!)) : Full(item, where)));
    }

    private EvaluationQuestion Full(JsonElement item, string where)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw new DataSetException(where, $"it is {item.ValueKind}; a text or an object is needed.");
        string text = First(item, s_texts) ?? throw new DataSetException(where, $"it has none of {string.Join(", ", s_texts)}.");
        TaskKind own = First(item, s_kinds) is { } said ? KindOf(said, where) : kind;
        string? function = First(item, s_functions), gold = GoldOf(item, own, where);
        CodeTests? tests = own == TaskKind.Code ? TestsOf(item, function, where) : null;
        return new EvaluationQuestion(Questions.Count, Name(First(item, ["id"])), TextTrim.Both(text))
        {
            Kind = own,
            FunctionName = function,
            WholeProgram = tests is InputOutputTests { FunctionName: null },
            Gold = own == TaskKind.Code ? null : gold,
            Comparison = own == TaskKind.Code || gold is null ? null : own switch
            {
                TaskKind.Choice => AnswerComparison.Choice,
                TaskKind.Free => AnswerComparison.Text,
                _ => AnswerComparison.Mathematics,
            },
            Tests = tests,
        };
    }

    private void Add(EvaluationQuestion question)
    {
        if (question.Text.Length == 0)
            Faults.Add(new DataFault(question.Id, "question", "It is empty."));
        if (question.Kind == TaskKind.Code && question.Tests is null or { Count: 0 } or AssertionTests { Script: "" })
            Faults.Add(new DataFault(question.Id, "tests", "There are none; no program counts as right."));
        if (question.Comparison == AnswerComparison.Choice && question.Gold is not [>= 'A' and <= 'Z'])
            Faults.Add(new DataFault(question.Id, "gold", $"'{ShownText.Of(question.Gold!)}' is no letter of an option; no answer counts as right."));
        Questions.Add(question);
    }

    private string Name(string? id) => UniqueIds.Add(_ids, id ?? Questions.Count.ToString(CultureInfo.InvariantCulture), Questions.Count);

    /// <summary>The gold answer, of a choice its letter; null if there is none.</summary>
    private static string? GoldOf(JsonElement item, TaskKind kind, string where)
    {
        string? gold = First(item, s_golds);
        if (gold is not null)
            return kind == TaskKind.Choice && Letter().Match(gold) is { Success: true } letter ? letter.Groups[1].Value.ToUpperInvariant() : gold;
        foreach (string name in s_golds)
        {
            if (item.TryGetProperty(name, out JsonElement value) && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                throw new DataSetException(where, $"its '{name}' is {value.ValueKind}; a text or a number is needed.");
        }

        return null;
    }

    private static TaskKind KindOf(string text, string where) => TextTrim.Both(text).ToUpperInvariant() switch
    {
        "MATH" => TaskKind.Math,
        "REASONING" or "FREE" => TaskKind.Free,
        "CHOICE" => TaskKind.Choice,
        "CODE" => TaskKind.Code,
        _ => throw new DataSetException(where, $"its task '{ShownText.Of(text)}' is none of math, reasoning, choice, code."),
    };

    private static CodeTests? TestsOf(JsonElement item, string? function, string where)
    {
        JsonElement tests = s_tests.Select(name => item.TryGetProperty(name, out JsonElement found) ? found : default)
            .FirstOrDefault(found => found.ValueKind != JsonValueKind.Undefined);
        return tests.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.String => new AssertionTests(tests.GetString()!) { FunctionName = function },
            JsonValueKind.Array when tests.EnumerateArray().All(test => test.ValueKind == JsonValueKind.String) =>
                new AssertionTests(string.Join('\n', tests.EnumerateArray().Select(test => test.GetString())), Math.Max(1, tests.GetArrayLength()))
                {
                    FunctionName = function,
                },
            JsonValueKind.Array when tests.EnumerateArray().All(IsCase) => new InputOutputTests([.. tests.EnumerateArray().Select(CaseOf)], function),
            _ => throw new DataSetException(
                where,
                "its tests are neither a script, nor a list of assertions, nor a list of objects with texts 'input' and 'output'."),
        };
    }

    private static bool IsCase(JsonElement test) => Member(test, "input") is not null && Member(test, "output") is not null;

    private static InputOutputCase CaseOf(JsonElement test) => new(Member(test, "input")!, Member(test, "output")!);

    [GeneratedRegex(@"^\s*[(\[]?\s*([A-Za-z])\s*[)\].:]?\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Letter();

    /// <summary>The first of several members that is a text with something in it, or a number as it is written.</summary>
    private static string? First(JsonElement item, string[] names) =>
        names.Select(name => Member(item, name)).FirstOrDefault(text => text is not null && TextTrim.Both(text).Length > 0);

    private static string? Member(JsonElement item, string name) =>
        item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out JsonElement value) ? null : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
}
