using System.Text.Json;
using RecursiveMas.DataSets.Rows;
using RecursiveMas.Shared;

namespace RecursiveMas.DataSets.Sets;

/// <summary>LiveCodeBench: a statement, perhaps starter code, inputs and outputs; packed further ones stay in their file until needed.</summary>
internal sealed class LiveCodeBenchSet : ISetReader
{
    private const string Packed = "private_test_cases";

    private static readonly string[] s_columns = ["question_id", "question_content", "starter_code", "metadata", "public_test_cases", "solution"];

    public bool Wants(string column) => s_columns.Contains(column);

    public EvaluationQuestion Read(DataRow row, int index, QuestionSetOptions options, Action<string, string> fault)
    {
        row.Require("question_content");
        string id = SetId.Of(row, index, "question_id"), text = TextTrim.Both(row.Text("question_content")), starter = row.Text("starter_code");
        if (text.Length == 0)
            fault("question", "It is empty.");
        if (TextTrim.Both(starter).Length > 0)
            text += $"\n\n{options.Wording.StarterLead}\n{starter}";
        string? function = null;
        InputOutputTests? tests = null;
        try
        {
            function = FunctionOf(row.Text("metadata"), id);
            tests = new InputOutputTests(Cases(row.Text("public_test_cases"), id), function);
            if (options.HiddenTests)
            {
                RowPlace place = row.Place
                    ?? throw new DataSetException(id, "its packed tests can be read from JSON lines only.");
                tests = tests with { Hidden = () => Unpack(JsonRows.ReadAgain(place, Packed), id) };
            }
            else if (tests.Count == 0)
            {
                fault("tests", "There are none; no program counts as right.");
            }
        }
        catch (DataSetException error)
        {
            fault("tests", error.Message);
        }

        return new EvaluationQuestion(index, id, text)
        {
            Kind = TaskKind.Code,
            LinkKind = TaskKind.Math,
            FunctionName = function,
            WholeProgram = function is null,
            ReferenceGold = row.Text("solution"),
            Tests = tests,
        };
    }

    /// <summary>Cases as JSON, or as JSON that is pickled, compressed and written in base 64.</summary>
    public static IReadOnlyList<InputOutputCase> Unpack(string packed, string id) =>
        packed.Length == 0 ? [] : Cases(packed.AsSpan().TrimStart() is ['[', ..] ? packed : PickledText.Decode(packed, id), id);

    private static string? FunctionOf(string metadata, string id)
    {
        using JsonDocument document = Parse(metadata.Length > 0 ? metadata : "{}", id);
        return JsonRows.Read(id, () => document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("func_name", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString() : null);
    }

    private static InputOutputCase[] Cases(string json, string id)
    {
        using JsonDocument document = Parse(json.Length > 0 ? json : "[]", id);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new DataSetException(id, "its tests are no list.");
        return JsonRows.Read<InputOutputCase[]>(
            id, () => [.. document.RootElement.EnumerateArray().Select(test => new InputOutputCase(Field(test, "input", id), Field(test, "output", id)))]);
    }

    private static string Field(JsonElement test, string name, string id) =>
        test.ValueKind == JsonValueKind.Object && test.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new DataSetException(id, $"one of its tests has no text '{name}'.");

    private static JsonDocument Parse(string json, string id)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new DataSetException(id, $"its tests are not JSON: {error.Message}", error);
        }
    }
}
