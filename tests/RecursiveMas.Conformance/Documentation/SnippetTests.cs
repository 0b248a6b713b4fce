using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Conformance.Documentation;

/// <summary>Every piece of C# that a page shows compiles.</summary>
public sealed class SnippetTests
{
    private const string Begin = "```csharp", End = "```", Given = "<!-- given: ";

    /// <summary>What the projects of this repository import without saying so.</summary>
    private static readonly string[] s_usings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks", "RecursiveMas",
        "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.AI",
        "Microsoft.Agents.AI", "Microsoft.AspNetCore.Builder", "OpenTelemetry", "OpenTelemetry.Metrics", "OpenTelemetry.Trace",
    ];

    /// <summary>What pages speak of without declaring it: a loaded system, questions, what a caller brings.</summary>
    private static readonly string[] s_given =
    [
        "MasSystem mas", "IReadOnlyList<MasQuestion> questions", "MasQuestion question", "AskOptions options", "CancellationToken cancellationToken",
        "IServiceCollection services", "ILoggerFactory loggerFactory", "IConfiguration configuration", "MasAnswer answer", "string path",
    ];

    private static readonly Lazy<MetadataReference[]> s_references = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    public static TheoryData<string> Pages { get; } =
    [
        .. new[] { "README.md", "docs", "RecursiveMas*", "samples" }
            .SelectMany(place => place.EndsWith(".md", StringComparison.Ordinal)
                ? [place]
                : Directory.EnumerateDirectories(Goldens.RepositoryRoot, place)
                    .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md")).Select(file => Path.GetRelativePath(Goldens.RepositoryRoot, file)))
            .Where(page => Snippets(page).Any())
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Snippets_of_a_page_compile(string page)
    {
        string[] faults = [.. Snippets(page).SelectMany(snippet => Faults(page, snippet.Line, snippet.Given, snippet.Code))];
        Assert.True(faults.Length == 0, string.Join(Environment.NewLine, faults));
    }

    [Fact]
    public void A_snippet_that_does_not_compile_is_a_fault()
    {
        Assert.Empty(Faults("page", 1, [], "await mas.AskAsync(\"q\");"));
        Assert.Contains("AskTwiceAsync", Assert.Single(Faults("page", 1, [], "await mas.AskTwiceAsync(\"q\");")), StringComparison.Ordinal);
        Assert.NotEmpty(Faults("page", 1, [], "int number = mas;"));
    }

    /// <summary>The blocks of C# of a page, each with what a comment before it says is given, declarations divided by semicolons.</summary>
    private static IEnumerable<(int Line, string[] Given, string Code)> Snippets(string page)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Goldens.RepositoryRoot, page)), given = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith(Given, StringComparison.Ordinal))
                given = lines[i][Given.Length..].Replace("-->", "", StringComparison.Ordinal).Split(';', StringSplitOptions.TrimEntries);
            if (lines[i] != Begin)
                continue;
            string[] code = [.. lines.Skip(i + 1).TakeWhile(line => line != End)];
            yield return (i + 2, given, string.Join('\n', code));
            given = [];
            i += code.Length;
        }
    }

    private static IEnumerable<string> Faults(string page, int line, string[] given, string code)
    {
        CompilationUnitSyntax parsed = CSharpSyntaxTree.ParseText(code, CSharpParseOptions.Default).GetCompilationUnitRoot();
        string usings = string.Concat(s_usings.Select(name => $"using {name};\n")) + parsed.Usings.ToFullString();
        // Statements stand before types, whatever the order on the page.
        string statements = string.Concat(parsed.Members.OfType<GlobalStatementSyntax>().Select(member => member.ToFullString()));
        string types = string.Concat(parsed.Members.Where(member => member is not GlobalStatementSyntax).Select(member => member.ToFullString()));
        string known = string.Concat(s_given.Where(one => !given.Any(other => Name(other) == Name(one))).Concat(given)
            .Select(one => $"public static {one} => throw null!;\n"));
        bool programs = statements.Length > 0;
        SyntaxTree[] trees =
        [
            CSharpSyntaxTree.ParseText($"{usings}using static GivenHere;\n{statements}{types}"),
            CSharpSyntaxTree.ParseText($"{usings}\npublic sealed record Question(string Text);\npublic static class GivenHere\n{{\n{known}}}\n"),
        ];
        var compilation = CSharpCompilation.Create(
            "Snippet",
            trees,
            s_references.Value,
            new CSharpCompilationOptions(
                programs ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable,
                allowUnsafe: true));
        return compilation.GetDiagnostics().Where(fault => fault.Severity == DiagnosticSeverity.Error)
            .Select(fault => $"{page}, snippet of line {line}: {fault.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}");
    }

    private static string Name(string declaration) => declaration[(declaration.LastIndexOf(' ') + 1)..];
}
