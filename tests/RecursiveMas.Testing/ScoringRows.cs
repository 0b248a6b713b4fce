using System.Text.Json;

namespace RecursiveMas.Testing;

/// <summary>Rows of the golden scoring data.</summary>
public static class ScoringRows
{
    /// <param name="file">Name of the file.</param>
    /// <param name="wanted">Which of its rows; null for all.</param>
    public static IReadOnlyList<JsonElement> Read(string file, Func<JsonElement, bool>? wanted = null) =>
        Goldens.NotEmpty(File.ReadLines(Goldens.Folder("scoring", file))
            .Where(line => line.Length > 0)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(wanted ?? (_ => true)), $"scoring/{file}");

    /// <summary>A field of a row; null if it is not there or null.</summary>
    public static string? Text(this JsonElement row, string field) =>
        row.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    /// <summary>The beginning of a text.</summary>
    public static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
