using System.Buffers.Binary;
using System.Collections;
using Parquet;
using Parquet.Serialization;

namespace RecursiveMas.DataSets.Rows;

/// <summary>Apache Parquet.</summary>
internal static class ParquetRows
{
    private const long MostRows = 5_000_000;

    public static async Task<List<DataRow>> ReadAsync(string path, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        RequireFooter(file, path);
        try
        {
            ParquetReader reader = await ParquetReader.CreateAsync(file, leaveStreamOpen: true, cancellationToken: cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (reader.Metadata is not { NumRows: >= 0 and <= MostRows })
                    throw new DataSetException(path, $"it says that it has {reader.Metadata?.NumRows} rows; at most {MostRows} are read.");
            }

            file.Position = 0;
            var found = await ParquetSerializer.DeserializeUntypedAsync(file, cancellationToken: cancellationToken).ConfigureAwait(false);
            return
            [
                .. found.Data.Select(row => new DataRow(
                    row.ToDictionary(value => value.Key, value => wanted(value.Key) ? Plain(value.Value) : null, StringComparer.Ordinal))),
            ];
        }
        // What a broken file makes of the library is anything, sizes that no memory holds included.
        catch (Exception error) when (error is not (OperationCanceledException or DataSetException))
        {
            throw new DataSetException(path, $"it is no Parquet file that can be read: {error.Message}", error);
        }
    }

    /// <summary>A footer that says how long it is, and lies in the file.</summary>
    private static void RequireFooter(FileStream file, string path)
    {
        Span<byte> end = stackalloc byte[8];
        if (file.Length > 12)
        {
            file.Position = file.Length - end.Length;
            file.ReadExactly(end);
            file.Position = 0;
        }

        if (!end[4..].SequenceEqual("PAR1"u8) || BinaryPrimitives.ReadUInt32LittleEndian(end) is var length && (length == 0 || length > file.Length - 12))
            throw new DataSetException(path, "it is no Parquet file: its end does not say where its description is.");
    }

    private static object? Plain(object? value) => value switch
    {
        null or string or byte[] => value,
        IDictionary map => map.Keys.Cast<object>().ToDictionary(key => key.ToString()!, key => Plain(map[key])),
        IEnumerable list => (object?[])[.. list.Cast<object?>().Select(Plain)],
        _ => value,
    };
}
