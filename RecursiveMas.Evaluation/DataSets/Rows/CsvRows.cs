using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using RecursiveMas.Shared;

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
            BadDataFound = bad => throw new DataSetException(
                $"{path}, line {bad.Context.Parser!.RawRow}", "a quote stands inside of a value that is not quoted, or text behind one that is."),
        };
        using var text = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        using var csv = new CsvReader(text, configuration);
        try
        {
            var rows = new List<DataRow>();
            if (!await csv.ReadAsync().ConfigureAwait(false) || !csv.ReadHeader())
                return rows;
            string[] names = csv.HeaderRecord!;
            if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1 && wanted(group.Key)) is { } twice)
                throw new DataSetException(path, $"it has {twice.Count()} columns '{ShownText.Of(twice.Key)}'.");
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
            // Behind the first line stands the state of the reader.
            throw new DataSetException(path, $"it is no table of separated values: {error.Message.ReplaceLineEndings("\n").Split('\n')[0]}", error);
        }
    }
}
