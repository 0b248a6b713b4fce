using System.Text.Json;
using RecursiveMas.Testing;

namespace RecursiveMas.Evaluation.Tests.Scoring;

/// <summary>Rows of the golden scoring data.</summary>
internal static class ScoringRows
{
    public static IReadOnlyList<JsonElement> Read(string file, Func<JsonElement, bool>? wanted = null) =>
        Goldens.NotEmpty(File.ReadLines(Goldens.Folder("scoring", file))
            .Where(line => line.Length > 0)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(wanted ?? (_ => true)), $"scoring/{file}");

    public static string? Text(this JsonElement row, string field) =>
        row.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    /// <summary>How the answers of a data set are compared.</summary>
    public static AnswerComparison Comparison(this JsonElement row) => row.Text("dataset") switch
    {
        "medqa" or "gpqa" => AnswerComparison.Choice,
        "gsm8k" => AnswerComparison.WordProblem,
        "math500" => AnswerComparison.Mathematics,
        _ => AnswerComparison.Text,
    };

    public static string Shown(string text) => text.Length <= 120 ? text : text[..120] + "…";
}
