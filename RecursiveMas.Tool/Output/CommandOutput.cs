using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace RecursiveMas.Tool.Output;

/// <summary>Text for people, or one JSON object for programs.</summary>
internal sealed class CommandOutput(bool json, bool quiet)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether bars and questions make sense: a person looks at a terminal.</summary>
    public bool IsInteractive => !json && !quiet && !Console.IsOutputRedirected && !Console.IsInputRedirected;

    /// <summary>Whether text about what is happening is wanted.</summary>
    public bool IsTalkative => !json && !quiet;

    /// <summary>The result: a table or lines for people, an object for programs.</summary>
    public void Result(object value, Action text)
    {
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(value, s_json));
        else
            text();
    }

    /// <summary>A line of the result; paths stay in one piece.</summary>
    public static void Line(string text) => Console.WriteLine(text);

    /// <summary>What is happening.</summary>
    public void Say(string text)
    {
        if (IsTalkative)
            Console.WriteLine(text);
    }

    public static void Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        foreach (string[] row in rows)
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
    }

    /// <summary>Asks a person; true where nobody can be asked.</summary>
    public bool Confirm(string question) => !IsInteractive || AnsiConsole.Confirm(Markup.Escape(question));

    public void Error(string message, int code, IReadOnlyList<HubMissing> missing)
    {
        if (json)
        {
            object[] list = [.. missing.Select(entry => new { Repository = entry.Repository.ToString(), entry.Files, entry.Bytes })];
            Console.WriteLine(JsonSerializer.Serialize(new { Error = message, ExitCode = code, Missing = list.Length == 0 ? null : list }, s_json));
        }
        else
        {
            Console.Error.WriteLine(message);
        }
    }
}
