using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RecursiveMas.Results;

/// <summary>JSON as result files hold it: a line an object, UTF-8, letters of all scripts as they are.</summary>
internal static class ResultJson
{
    /// <summary>Name of every field that holds a time, and of no other: what is left of a run without them is repeatable.</summary>
    public const string Seconds = "seconds";

    /// <summary>Larger lines than any answer makes are no results.</summary>
    public const int LongestLine = 64 << 20;

    private static readonly JsonSerializerOptions s_line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions s_page =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, NewLine = "\n" };

    public static string Line(JsonNode node) => node.ToJsonString(s_line);

    public static string Page(JsonNode node) => node.ToJsonString(s_page) + "\n";

    /// <summary>A time as it is written: whole milliseconds.</summary>
    public static double Time(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    /// <summary>Reads an object.</summary>
    /// <param name="text">One object.</param>
    /// <param name="file">Its file.</param>
    /// <param name="place">Where in the file it stands, for the message.</param>
    /// <param name="remedy">What to do if it is none.</param>
    /// <exception cref="ResultsException">It is none.</exception>
    public static JsonObject Parse(string text, string file, string place, string remedy = "Remove it, and its question is asked again.")
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject read)
            {
                // Names that occur twice are noticed when somebody looks.
                _ = read.Count;
                return read;
            }
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new ResultsException(file, $"{place} is no JSON object: {error.Message} {remedy}", error);
        }

        throw new ResultsException(file, $"{place} is no JSON object. {remedy}");
    }

    public static byte[] Bytes(string line) => Encoding.UTF8.GetBytes(line + "\n");
}
