using System.Globalization;
using System.Numerics;
using System.Text.Json;
using RecursiveMas.Scoring.Reference;
using RecursiveMas.Shared;

namespace RecursiveMas.DataSets.Rows;

/// <summary>A row of a data set: values by column name, texts, numbers, lists.</summary>
/// <param name="Values">Values by column name; case counts. Of columns that are not wanted there is the name only.</param>
internal sealed record DataRow(IReadOnlyDictionary<string, object?> Values)
{
    /// <summary>Where the row stands in its file, for rows whose parts are read later; null where that is not known.</summary>
    public RowPlace? Place { get; init; }

    public bool Has(string column) => Values.ContainsKey(column);

    /// <summary>The first of several columns that the row has.</summary>
    /// <exception cref="DataSetException">It has none of them.</exception>
    public string Require(params string[] columns) => Array.Find(columns, Has)
        ?? throw new DataSetException($"column {string.Join(" or ", columns)}", $"it is not there. Columns: {ShownText.Of(string.Join(", ", Values.Keys))}.");

    /// <summary>A value as Python's str writes it; "" for none.</summary>
    public string Text(string column) => Values.GetValueOrDefault(column) is { } value ? Show(value) : "";

    /// <summary>The first of several columns whose trimmed text is not empty; "" if there is none.</summary>
    public string FirstText(params ReadOnlySpan<string> columns)
    {
        foreach (string column in columns)
        {
            if (TextTrim.Both(Text(column)) is { Length: > 0 } text)
                return text;
        }

        return "";
    }

    /// <summary>The texts of a list; null if the value is no list.</summary>
    public string[]? List(string column) =>
        Values.GetValueOrDefault(column) is IReadOnlyList<object?> list ? [.. list.Select(item => item is null ? "None" : Show(item))] : null;

    private static string Show(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "True" : "False",
        double number => double.IsFinite(number) ? PythonNumbers.Float(number) : double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf",
        float number => Show((double)number),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        IReadOnlyList<object?> or IReadOnlyDictionary<string, object?> => JsonSerializer.Serialize(value),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

/// <summary>A line of a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
internal sealed record RowPlace(string File, long Offset, int Length);
