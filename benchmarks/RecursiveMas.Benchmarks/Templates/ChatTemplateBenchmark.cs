using System.Diagnostics;
using System.Text.Json;

namespace RecursiveMas.Benchmarks;

/// <summary>A chat of 30 turns rendered with published templates, side by side with npm @huggingface/jinja.</summary>
internal static class ChatTemplateBenchmark
{
    private const string Command = "node eng/templates/fetch.mjs && dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- chat-templates";
    private const int Turns = 30, Runs = 300;

    // Optimised code is compiled in the background.
    private static readonly TimeSpan TieringPause = TimeSpan.FromSeconds(2);

    public static int Run(string[] arguments)
    {
        string folder = Path.Combine("artifacts", "templates");
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.jinja").Order(StringComparer.Ordinal)] : [];
        if (files.Length == 0)
        {
            Console.Error.WriteLine($"{folder} holds no templates. Run node eng/templates/fetch.mjs in the repository's root first.");
            return 2;
        }

        var table = new ResultTable(
            $"Chat templates: {Turns} turns rendered, against @huggingface/jinja {Version(folder)} on node {Output("node", "--version", "")}", Command,
            "template", "characters out", "same text", "first parse + render, ms", "parse, ms", "parse, theirs / ours", "render, ms", "render, theirs / ours");
        double[] first = [.. files.Select(First)];
        Thread.Sleep(TieringPause);
        for (int i = 0; i < files.Length; i++)
            Row(table, files[i], first[i]);
        table.Write("chat-templates", $"Medians of {Runs} after a warm-up of {Runs}. The first parse and render is that of a new process, in this order: " +
            "the first rows pay for the compilation of the engine.");
        return 0;
    }

    /// <summary>Milliseconds of the very first parse and render, then enough of both for the runtime to optimise them.</summary>
    private static double First(string file)
    {
        string source = File.ReadAllText(file);
        Dictionary<string, object?> variables = Variables();
        long started = Stopwatch.GetTimestamp();
        ChatTemplate.Parse(source).Render(variables);
        double first = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        for (int i = 0; i < Runs; i++)
            ChatTemplate.Parse(source).Render(variables);
        return first;
    }

    private static void Row(ResultTable table, string file, double first)
    {
        string source = File.ReadAllText(file);
        Dictionary<string, object?> variables = Variables();
        ChatTemplate template = ChatTemplate.Parse(source);
        string text = template.Render(variables);
        double parse = Median(() => ChatTemplate.Parse(source));
        double render = Median(() => template.Render(variables));
        using JsonDocument theirs =
            JsonDocument.Parse(Output("node", "eng/templates/benchmark.mjs", JsonSerializer.Serialize(new { source, variables, runs = Runs })));
        double Theirs(string name) => theirs.RootElement.GetProperty(name).GetDouble();
        table.Add(
            Path.GetFileNameWithoutExtension(file), text.Length, theirs.RootElement.GetProperty("text").GetString() == text ? "yes" : "no",
            $"{first:0.0}", $"{parse:0.000}", $"{Theirs("parse") / parse:0.0}", $"{render:0.000}", $"{Theirs("render") / render:0.0}");
    }

    private static double Median(Action action)
    {
        for (int i = 0; i < Runs; i++)
            action();
        return SideBySide.Measure(Runs, action) * 1000;
    }

    private static Dictionary<string, object?> Variables()
    {
        var messages = new List<Dictionary<string, object?>> { Message("system", "You answer briefly.") };
        for (int i = 0; i < Turns; i++)
        {
            string text = string.Concat(Enumerable.Repeat($"Sentence {i} of a chat between two people. ", 8));
            messages.Add(Message(i % 2 == 0 ? "user" : "assistant", i % 2 == 0 ? text : $"<think>\nLet me see.\n</think>\n\n{text}"));
        }

        return new Dictionary<string, object?>
        {
            ["messages"] = messages, ["add_generation_prompt"] = true, ["enable_thinking"] = false, ["tools"] = null, ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
        };
    }

    private static Dictionary<string, object?> Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string Version(string folder)
    {
        string file = Path.Combine(folder, "node_modules", "@huggingface", "jinja", "package.json");
        using JsonDocument package = JsonDocument.Parse(File.ReadAllText(file));
        return package.RootElement.GetProperty("version").GetString()!;
    }

    private static string Output(string program, string argument, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{program} {argument} ended with {process.ExitCode}.");
    }
}
