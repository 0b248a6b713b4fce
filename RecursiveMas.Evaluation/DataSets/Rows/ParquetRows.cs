using System.Collections;
using Parquet;
using Parquet.Serialization;

namespace RecursiveMas.DataSets.Rows;

/// <summary>Apache Parquet.</summary>
internal static class ParquetRows
{
    public static async Task<List<DataRow>> ReadAsync(string path, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            var found = await ParquetSerializer.DeserializeUntypedAsync(file, cancellationToken: cancellationToken).ConfigureAwait(false);
            return
            [
                .. found.Data.Select(row => new DataRow(
                    row.ToDictionary(value => value.Key, value => wanted(value.Key) ? Plain(value.Value) : null, StringComparer.Ordinal))),
            ];
        }
        // What a broken file makes of the library is anything.
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new DataSetException(path, $"it is no Parquet file that can be read: {error.Message}", error);
        }
    }

    private static object? Plain(object? value) => value switch
    {
        null or string or byte[] => value,
        IDictionary map => map.Keys.Cast<object>().ToDictionary(key => key.ToString()!, key => Plain(map[key])),
        IEnumerable list => (object?[])[.. list.Cast<object?>().Select(Plain)],
        _ => value,
    };
}
