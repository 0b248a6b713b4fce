using System.Text.RegularExpressions;
using RecursiveMas.DataSets.Rows;
using RecursiveMas.Shared;

namespace RecursiveMas.DataSets.Sets;

/// <summary>MBPP+: a task, example assertions and a script of tests.</summary>
internal sealed partial class MbppSet : ISetReader
{
    private static readonly string[] s_columns = ["task_id", "prompt", "test", "test_list", "code"];

    public bool Wants(string column) => s_columns.Contains(column);

    public EvaluationQuestion Read(DataRow row, int index, QuestionSetOptions options, Action<string, string> fault)
    {
        row.Require("prompt");
        string prompt = TextTrim.Both(row.Text("prompt")), script = row.Text("test");
        string[] examples = row.List("test_list") ?? [], shown = [.. examples.Take(Math.Max(0, options.ExampleTests))];
        if (prompt.Length == 0)
            fault("question", "It is empty.");
        if (string.IsNullOrWhiteSpace(script))
            fault("tests", "There is no test script; no program counts as right.");
        string? function = Function(script, examples, row.Text("code"));
        return new EvaluationQuestion(
            index, SetId.Of(row, index, "task_id"), shown.Length > 0 ? $"{prompt}\n\n{options.Wording.TestsLead}\n{string.Join('\n', shown)}" : prompt)
        {
            Kind = TaskKind.Code,
            FunctionName = function,
            ReferenceGold = script,
            Tests = string.IsNullOrWhiteSpace(script) ? null : new AssertionTests(script, Math.Max(1, examples.Length)) { FunctionName = function },
        };
    }

    /// <summary>The name of the function that the tests call.</summary>
    public static string? Function(string script, IEnumerable<string> examples, string code) =>
        Last(Assertion(), script) ?? Last(Assert(), script)
        ?? examples.Select(example => Assert().Match(example)).FirstOrDefault(match => match.Success)?.Groups[1].Value
        ?? (Definition().Match(code) is { Success: true } first ? first.Groups[1].Value : null);

    private static string? Last(Regex pattern, string text) => pattern.Matches(text).LastOrDefault()?.Groups[1].Value;

    [GeneratedRegex(@"assertion\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*\(")]
    private static partial Regex Assertion();

    [GeneratedRegex(@"assert\s+([A-Za-z_][A-Za-z0-9_]*)\s*\(")]
    private static partial Regex Assert();

    [GeneratedRegex(@"^\s*def\s+([A-Za-z_][A-Za-z0-9_]*)\s*\(", RegexOptions.Multiline)]
    private static partial Regex Definition();
}
