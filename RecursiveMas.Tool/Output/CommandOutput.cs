using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace RecursiveMas.Tool.Output;

/// <summary>Text for people, or one JSON object for programs.</summary>
internal sealed class CommandOutput(bool json, bool quiet)
{
    private const int LongestWord = 200;

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private volatile Action<string>? _warnings;

    /// <summary>Whether bars and questions make sense: a person looks at a terminal that can draw them.</summary>
    public bool IsInteractive =>
        IsTalkative && !Console.IsOutputRedirected && !Console.IsInputRedirected && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true };

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

    /// <summary>A word of the command line for messages: an endless one would fill the screen.</summary>
    public static string Short(string word) => word.Length <= LongestWord ? word : word[..LongestWord] + "…";

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

    /// <summary>Asks a person; null where nobody can be asked.</summary>
    public async Task<bool?> ConfirmAsync(string question, bool byDefault, CancellationToken cancellationToken)
    {
        if (!IsInteractive)
            return null;
        try
        {
            return await new ConfirmationPrompt(Markup.Escape(question)) { DefaultValue = byDefault }.ShowAsync(AnsiConsole.Console, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.WriteLine();
            throw;
        }
    }

    /// <summary>What hinders, but may pass: beside the bars while they are drawn, else on the error stream.</summary>
    public void Warn(string text)
    {
        if (!IsTalkative)
            return;
        if (_warnings is { } shown)
            shown(text);
        else
            Console.Error.WriteLine(text);
    }

    /// <summary>Draws lines anew while something is going on.</summary>
    public async Task DrawAsync(ProgressLines lines, Func<Task> work)
    {
        const int Every = 100; // ms
        _warnings = lines.Warn;
        try
        {
            await AnsiConsole.Live(lines).AutoClear(true).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).StartAsync(async live =>
            {
                Task running = work();
                while (await Task.WhenAny(running, Task.Delay(Every)) != running)
                    live.Refresh();
                await running;
            });
        }
        finally
        {
            _warnings = null;
            lines.End();
            AnsiConsole.Write(lines);
        }
    }

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
