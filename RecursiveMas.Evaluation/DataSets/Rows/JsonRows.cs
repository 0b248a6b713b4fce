using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace RecursiveMas.DataSets.Rows;

/// <summary>JSON: one object a line, or a list of objects.</summary>
internal static class JsonRows
{
    private const int LongestLine = 1 << 30, Chunk = 1 << 16;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 256 };

    public static async Task<List<DataRow>> ReadLinesAsync(string path, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var rows = new List<DataRow>();
        int number = 0;
        await foreach ((ReadOnlyMemory<byte> line, long offset) in LinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            number++;
            if (IsBlank(line.Span))
                continue;
            using JsonDocument document = Parse(line, $"{path}, line {number}");
            rows.Add(Row(document.RootElement, wanted, $"{path}, line {number}") with { Place = new RowPlace(path, offset, line.Length) });
        }

        return rows;
    }

    public static async Task<List<DataRow>> ReadAsync(string path, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        byte[] bytes = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        using JsonDocument document = Parse(WithoutMark(bytes), path);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
            throw new DataSetException(path, "it is no JSON list.");
        return
        [
            .. root.EnumerateArray().Index().Where(row => row.Item.ValueKind == JsonValueKind.Object)
                .Select(row => Row(row.Item, wanted, $"{path}, row {row.Index}")),
        ];
    }

    /// <summary>Values of one column of a line that was read before.</summary>
    public static string ReadAgain(RowPlace place, string column)
    {
        byte[] bytes = new byte[place.Length];
        using FileStream file = File.OpenRead(place.File);
        file.Position = place.Offset;
        file.ReadExactly(bytes);
        string where = $"{place.File}, byte {place.Offset}";
        using JsonDocument document = Parse(bytes, where);
        return Row(document.RootElement, name => name == column, where).Text(column);
    }

    /// <summary>Takes texts out of JSON.</summary>
    /// <exception cref="DataSetException">One of them is no Unicode.</exception>
    public static T Read<T>(string where, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException error)
        {
            throw new DataSetException(where, "a text in it is no Unicode: it holds half a surrogate pair, or bytes that are not UTF-8.", error);
        }
    }

    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string where)
    {
        try
        {
            return JsonDocument.Parse(json, s_options);
        }
        catch (JsonException error)
        {
            throw new DataSetException(where, $"it is not JSON: {error.Message}", error);
        }
    }

    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) => bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes;

    private static DataRow Row(JsonElement row, Func<string, bool> wanted, string where)
    {
        if (row.ValueKind != JsonValueKind.Object)
            throw new DataSetException(where, "it is no JSON object.");
        return Read(where, () =>
        {
            var values = new Dictionary<string, object?>(StringComparer.Ordinal);
            foreach (JsonProperty property in row.EnumerateObject())
                values[property.Name] = wanted(property.Name) ? Value(property.Value) : null;
            return new DataRow(values);
        });
    }

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => Number(value),
        JsonValueKind.Array => (object?[])[.. value.EnumerateArray().Select(Value)],
        JsonValueKind.Object => value.EnumerateObject().GroupBy(item => item.Name).ToDictionary(item => item.Key, item => Value(item.Last().Value)),
        _ => null,
    };

    private static object Number(JsonElement value) =>
        value.GetRawText() is var text && text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0 ? value.GetDouble()
        : value.TryGetInt64(out long small) ? small
        : text.Length <= 4300 ? BigInteger.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : text;

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;

    private static async IAsyncEnumerable<(ReadOnlyMemory<byte> Line, long Offset)> LinesAsync(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        var open = new ArrayBufferWriter<byte>(Chunk);
        byte[] buffer = new byte[Chunk];
        long offset = 0;
        int count;
        while ((count = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            int from = 0;
            for (int end; (end = buffer.AsSpan(from, count - from).IndexOf((byte)'\n')) >= 0; from += end + 1)
            {
                open.Write(buffer.AsSpan(from, end));
                yield return Line(open, offset);
                offset += open.WrittenCount + 1;
                open.ResetWrittenCount();
            }

            open.Write(buffer.AsSpan(from, count - from));
            if (open.WrittenCount > LongestLine)
                throw new DataSetException(path, "it has a line of more than 1 GiB.");
        }

        if (open.WrittenCount > 0)
            yield return Line(open, offset);
    }

    private static (ReadOnlyMemory<byte> Line, long Offset) Line(ArrayBufferWriter<byte> open, long offset)
    {
        ReadOnlyMemory<byte> line = offset == 0 ? WithoutMark(open.WrittenMemory) : open.WrittenMemory;
        return (line, offset + open.WrittenCount - line.Length);
    }
}
