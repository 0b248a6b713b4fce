using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace RecursiveMas.DataSets.Rows;

/// <summary>Comma- or tab-separated values with a line of names.</summary>
internal static class CsvRows
{
    public static async Task<List<DataRow>> ReadAsync(string path, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = path.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? "\t" : ",",
            MissingFieldFound = null,
        };
        using var text = new StreamReader(path);
        using var csv = new CsvReader(text, configuration);
        try
        {
            var rows = new List<DataRow>();
            if (!await csv.ReadAsync().ConfigureAwait(false) || !csv.ReadHeader())
                return rows;
            string[] names = csv.HeaderRecord!;
            while (await csv.ReadAsync().ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (csv.Parser.Count != names.Length)
                    throw new DataSetException($"{path}, line {csv.Parser.RawRow}", $"it has {csv.Parser.Count} values under {names.Length} names.");
                var values = new Dictionary<string, object?>(StringComparer.Ordinal);
                for (int i = 0; i < names.Length; i++)
                    values[names[i]] = wanted(names[i]) ? csv.GetField(i) : null;

                rows.Add(new DataRow(values));
            }

            return rows;
        }
        catch (CsvHelperException error)
        {
            throw new DataSetException(path, $"it is no table of separated values: {error.Message}", error);
        }
    }
}
