using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>
/// Questions of one's own from a file. JSON: a list, an object with the list "questions", or one object. JSON lines (.jsonl, .ndjson): a question a line; a line
/// that is no JSON is the question itself. Anything else is text: blocks between blank lines, or where there is only one, lines.
/// </summary>
/// <remarks>
/// A question is a string, or an object: its text under "question", "query", "prompt", "text" or "input"; and, if wanted, "id", "task" (math, choice, code,
/// reasoning, free), "answer" to compare with, and for code "function" and "tests", a script of assertions.
/// </remarks>
public static class OwnQuestions
{
    private const int LargestFile = 256 << 20;

    private static readonly string[] s_texts = ["question", "query", "prompt", "text", "input"];

    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its path, at most 256 MiB.</param>
    /// <param name="kind">Kind of the questions that name none. Default: <see cref="TaskKind.Math"/>.</param>
    /// <exception cref="CheckpointException">The file cannot be read, holds no questions, or one of them has no text or an unknown task.</exception>
    public static QuestionSet Load(string file, TaskKind kind = TaskKind.Math)
    {
        Given.Defined(kind, nameof(kind));
        string path = UserPath.Full(file, nameof(file));
        byte[] bytes = FileFaults.Read(path, () => new FileInfo(path).Length <= LargestFile
            ? File.ReadAllBytes(path)
            : throw new CheckpointException(path, $"is larger than {LargestFile >> 20} MiB. Split it."));
        string text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
        EvaluationQuestion[] questions =
        [
            .. (Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".json" => OfJson(text, path),
                ".jsonl" or ".ndjson" => OfLines(text),
                _ => OfText(text),
            }).Select((item, index) => Question(item, index, kind, path)),
        ];
        if (questions.Length == 0)
            throw new CheckpointException(path, "holds no question.");
        var source = new QuestionSource(path, "") { Files = [new QuestionFile(Path.GetFileName(path), bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)))] };
        return new QuestionSet(Path.GetFileNameWithoutExtension(path), source, questions) { Available = questions.Length };
    }

    private static IEnumerable<JsonElement> OfJson(string text, string path)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(text, s_options);
            root = document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new CheckpointException(path, $"is no JSON: {error.Message} Mend it, or name it .jsonl or .txt.", error);
        }

        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("questions", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
            root = list;
        return root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
    }

    private static IEnumerable<JsonElement> OfLines(string text)
    {
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            JsonElement? item = null;
            try
            {
                using var document = JsonDocument.Parse(line, s_options);
                item = document.RootElement.Clone();
            }
            catch (JsonException)
            {
                // It is the question itself.
            }

            yield return item is { ValueKind: JsonValueKind.Object or JsonValueKind.String } read ? read : JsonSerializer.SerializeToElement(line);
        }
    }

    private static IEnumerable<JsonElement> OfText(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        var blocks = new List<string> { "" };
        foreach (string line in lines)
        {
            if (!string.IsNullOrWhiteSpace(line))
                blocks[^1] += line + "\n";
            else if (blocks[^1].Length > 0)
                blocks.Add("");
        }

        blocks.RemoveAll(string.IsNullOrWhiteSpace);
        return (blocks.Count > 1 ? blocks : lines.Where(line => !string.IsNullOrWhiteSpace(line))).Select(block => JsonSerializer.SerializeToElement(block.Trim()));
    }

    private static EvaluationQuestion Question(JsonElement item, int index, TaskKind kind, string path)
    {
        string place = string.Create(CultureInfo.InvariantCulture, $"question {index + 1}");
        string? Field(string name) => item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out JsonElement value) ? null : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.Null => null,
            _ => throw new CheckpointException(path, $"{place} has a '{name}' that is no text. Make it one."),
        };
        string? text = item.ValueKind == JsonValueKind.String ? item.GetString() : s_texts.Select(Field).FirstOrDefault(found => !string.IsNullOrWhiteSpace(found));
        if (string.IsNullOrWhiteSpace(text))
            throw new CheckpointException(path, $"{place} has no text. Give it one under '{s_texts[0]}'.");
        TaskKind of = Field("task") switch
        {
            null => kind,
            "math" => TaskKind.Math,
            "choice" => TaskKind.Choice,
            "code" => TaskKind.Code,
            "reasoning" or "free" => TaskKind.Free,
            var other => throw new CheckpointException(path, $"{place} has the task '{ShownText.Of(other)}'. There are math, choice, code, reasoning and free."),
        };
        string? gold = Field("answer");
        string? tests = of == TaskKind.Code ? Field("tests") : null;
        return new EvaluationQuestion(index, Field("id") ?? index.ToString(CultureInfo.InvariantCulture), text)
        {
            Kind = of,
            LinkKind = of == TaskKind.Code ? TaskKind.Code : TaskKind.Math,
            Gold = gold,
            FunctionName = Field("function"),
            Tests = tests is null ? null : new AssertionTests(tests) { FunctionName = Field("function") },
            Comparison = gold is null ? null : of switch
            {
                TaskKind.Math => AnswerComparison.Mathematics,
                TaskKind.Choice => AnswerComparison.Choice,
                TaskKind.Free => AnswerComparison.Text,
                _ => null,
            },
        };
    }
}
