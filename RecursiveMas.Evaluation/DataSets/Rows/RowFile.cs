namespace RecursiveMas.DataSets.Rows;

/// <summary>Reads the rows of a file in any of the formats in which data sets are published.</summary>
internal static class RowFile
{
    private static readonly Dictionary<string, Reader> s_formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".parquet"] = ParquetRows.ReadAsync,
        [".jsonl"] = JsonRows.ReadLinesAsync,
        [".ndjson"] = JsonRows.ReadLinesAsync,
        [".json"] = JsonRows.ReadAsync,
        [".csv"] = CsvRows.ReadAsync,
        [".tsv"] = CsvRows.ReadAsync,
    };

    private delegate Task<List<DataRow>> Reader(string path, Func<string, bool> wanted, CancellationToken cancellationToken);

    public static string Formats => string.Join(", ", s_formats.Keys);

    public static bool IsKnown(string path) => s_formats.ContainsKey(Path.GetExtension(path));

    /// <summary>Reads the rows.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">Columns whose values are kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DataSetException">It is in none of the formats, or broken.</exception>
    public static async Task<List<DataRow>> ReadAsync(string path, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        if (!s_formats.TryGetValue(Path.GetExtension(path), out Reader? read))
            throw new DataSetException(path, $"its name ends in none of {Formats}.");
        try
        {
            return await read(path, wanted, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Text.DecoderFallbackException)
        {
            throw new DataSetException(path, $"it cannot be read: {error.Message}", error);
        }
    }
}
