using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>
/// Random and mutated templates and inputs: typed errors only, bounded memory. RECURSIVEMAS_TEMPLATE_FUZZ sets how many are tried.
/// </summary>
public class TemplateFuzzTests
{
    private const string Switch = "RECURSIVEMAS_TEMPLATE_FUZZ";
    private const int DefaultCount = 20_000;
    private const int Seed = 4711;
    private const long AllocatedBytes = 512L << 20;

    // Pieces that templates are made of, so that random ones get past the first character.
    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{{-", "-}}", "{%-", "-%}", "{%+", "+%}", " ", "\n", "  \n", "(", ")", "[", "]", "{", "}", ",", ":", ".", "|",
        "~", "+", "-", "*", "**", "/", "//", "%", "=", "==", "!=", "<", "<=", ">", ">=", "if", "elif", "else", "endif", "for", "in", "endfor", "set",
        "endset", "macro", "endmacro", "call", "endcall", "filter", "endfilter", "with", "endwith", "block", "endblock", "raw", "endraw", "generation",
        "endgeneration", "autoescape", "endautoescape", "include", "import", "from", "extends", "break", "continue", "print", "recursive", "scoped", "not",
        "and", "or", "is", "defined", "none", "true", "false", "loop", "loop.index", "messages", "message", "role", "content", "x", "ns", "self",
        "namespace(", "range(", "dict(", "raise_exception(", "strftime_now(", "cycler(", "joiner(", "'a'", "\"b\"", "'%s'", "'{}'", "''", "'\\n'", "'\\x'",
        "'😀'", "0", "1", "-1", "2.5", "1e3", "99999999999999999999", "trim", "upper", "tojson", "join", "map(", "select(", "sort", "length", "list",
        "default(", "replace(", "indent(", "items", "first", "last", "int", "round", "groupby(", "batch(", "format(", ".split(", ".strip(", ".format(",
        ".items()", ".get(", ".startswith(", ".join(", ".encode()", ".__class__", "attribute=", "é", "\0", "\u2028", "\r", "\ud800",
    ];

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable(Switch), out int count) ? count : DefaultCount;

    [Fact]
    public void Random_templates_end_in_text_or_a_typed_error()
    {
        var random = new Random(Seed);
        for (int i = 0; i < Count / 4; i++)
            Try(
                string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Pieces[random.Next(Pieces.Length)] + (random.Next(3) == 0 ? " " : ""))),
                random);
    }

    [Fact]
    public void Mutated_templates_end_in_text_or_a_typed_error()
    {
        string[] seeds = [.. Seeds()];
        Goldens.NotEmpty(seeds, "chat-templates");
        var random = new Random(Seed + 1);
        for (int i = 0; i < Count * 3 / 4; i++)
            Try(Mutate(seeds[random.Next(seeds.Length)], seeds, random), random);
    }

    [Fact]
    public void Random_json_inputs_end_in_text_or_a_typed_error()
    {
        string[] seeds = [.. Seeds()];
        Goldens.NotEmpty(seeds, "chat-templates");
        var random = new Random(Seed + 2);
        for (int i = 0; i < Count / 4; i++)
        {
            string source = seeds[random.Next(seeds.Length)];
            var variables = new Dictionary<string, object?>
            {
                ["messages"] = Value(random, 0), ["x"] = Value(random, 0), ["d"] = Value(random, 0), ["xs"] = Value(random, 0), ["people"] = Value(random, 0),
                ["bos_token"] = Value(random, 3), ["tools"] = Value(random, 0), ["add_generation_prompt"] = Value(random, 3), ["s"] = Value(random, 3),
                ["n"] = Value(random, 3),
            };
            Render(source, variables);
        }
    }

    private static IEnumerable<string> Seeds()
    {
        string? folder = Goldens.TryFolder("chat-templates");
        string engine = Path.Combine(folder ?? "", "engine.jsonl");
        if (File.Exists(engine))
        {
            foreach (string line in File.ReadLines(engine).Where(l => l.Length > 0))
                yield return JsonDocument.Parse(line).RootElement.GetProperty("template").GetString()!;
        }

        foreach (string file in new[] { "models", "tiny" }.Select(Goldens.TryFolder).OfType<string>()
            .SelectMany(f => Directory.EnumerateFiles(f, "*.jinja", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
            yield return File.ReadAllText(file);
    }

    private static string Mutate(string source, string[] seeds, Random random)
    {
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(source.Length + 1);
            int length = Math.Min(random.Next(1, 8), source.Length - at);
            string other = seeds[random.Next(seeds.Length)];
            source = random.Next(6) switch
            {
                0 => source.Remove(at, length),
                1 => source.Insert(at, Pieces[random.Next(Pieces.Length)]),
                2 => source.Insert(at, source.Substring(at, length)),
                3 => source[..at] + Pieces[random.Next(Pieces.Length)] + source[(at + length)..],
                4 => source[..at] + other[random.Next(other.Length + 1)..],
                _ => source.Insert(at, ((char)random.Next(1, random.Next(2) == 0 ? 128 : 0x10000)).ToString()),
            };
        }

        return source.Length > 4000 ? source[..4000] : source;
    }

    private static object? Value(Random random, int depth) => random.Next(depth > 2 ? 8 : 12) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-5, 50),
        3 => random.NextInt64(long.MinValue, long.MaxValue),
        4 => random.NextDouble() * Math.Pow(10, random.Next(-20, 300)),
        5 => Pieces[random.Next(Pieces.Length)],
        6 => new string((char)random.Next(0xD7F0, 0xE010), random.Next(4)),
        7 => random.Next(3) switch { 0 => double.NaN, 1 => double.PositiveInfinity, _ => "user" },
        8 or 9 => Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1)).ToList(),
        _ => new Dictionary<string, object?>
        {
            ["role"] = random.Next(3) == 0 ? Value(random, depth + 1) : "user", ["content"] = Value(random, depth + 1),
            [Pieces[random.Next(Pieces.Length)]] = Value(random, depth + 1),
        },
    };

    private static void Try(string source, Random random) => Render(source, new Dictionary<string, object?>
    {
        ["messages"] = new[]
        {
            new Dictionary<string, object?> { ["role"] = "user", ["content"] = "q" },
            new Dictionary<string, object?> { ["role"] = "assistant", ["content"] = Value(random, 1) },
        },
        ["x"] = Value(random, 1), ["xs"] = new object[] { 3, 1, 2 }, ["d"] = new Dictionary<string, object?> { ["b"] = 2, ["a"] = 1 }, ["s"] = "Hello World",
        ["bos_token"] = "<s>",
    });

    private static void Render(string source, Dictionary<string, object?> variables)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            ChatTemplate.Parse(source).Render(variables);
        }
        catch (ChatTemplateException error)
        {
            Assert.NotEmpty(error.ErrorType);
        }
        catch (Exception error)
        {
            Assert.Fail($"{error}\nTemplate: {TemplateJson.Quote(source)}");
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < AllocatedBytes, $"{allocated:N0} bytes were allocated by {TemplateJson.Quote(source)}");
    }
}
