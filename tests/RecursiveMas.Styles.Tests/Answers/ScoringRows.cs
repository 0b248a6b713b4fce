using System.Text.Json;
using RecursiveMas.Testing;

namespace RecursiveMas.Styles.Tests.Answers;

/// <summary>Rows of the golden scoring data.</summary>
internal static class ScoringRows
{
    public static IReadOnlyList<JsonElement> Read(string file) =>
        [.. File.ReadLines(Goldens.Folder("scoring", file)).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];

    public static string? Text(this JsonElement row, string field) =>
        row.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    /// <summary>The kind of question of a data set.</summary>
    public static TaskKind Kind(this JsonElement row) => row.Text("dataset") is "medqa" or "gpqa" ? TaskKind.Choice : TaskKind.Math;

    public static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
