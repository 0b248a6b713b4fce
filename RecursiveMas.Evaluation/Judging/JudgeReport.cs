using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RecursiveMas.Judging;

/// <summary>What the judge in the sandbox has written: lines behind a signature that no program can make. Others are not read.</summary>
internal sealed class JudgeReport
{
    private const int SignatureLength = 2 * HMACSHA256.HashSizeInBytes;

    private readonly Dictionary<string, JsonElement> _found = new(StringComparer.Ordinal);

    public JudgeReport(PythonRun run, string word)
    {
        Run = run;
        byte[] key = Encoding.UTF8.GetBytes(word);
        foreach (string line in run.Output.Split('\n'))
        {
            if (line.Length <= SignatureLength || line[SignatureLength] != ' ')
                continue;
            string content = line[(SignatureLength + 1)..];
            if (!line.StartsWith(Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(content))), StringComparison.Ordinal))
                continue;
            using var step = JsonDocument.Parse(content);
            Began = true;
            if (step.RootElement.GetArrayLength() == 2)
                _found.TryAdd(step.RootElement[0].GetString()!, step.RootElement[1].Clone());
        }
    }

    public PythonRun Run { get; }

    /// <summary>Whether the judge was there at all.</summary>
    public bool Began { get; }

    /// <summary>Packages that the tests import and the interpreter lacks.</summary>
    public string[] Missing => _found.TryGetValue("missing", out JsonElement names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];

    /// <summary>A verdict; of a judge that was stopped, why.</summary>
    /// <param name="rules">"strict" or "reference".</param>
    /// <param name="code">The program.</param>
    /// <param name="total">Tests in all.</param>
    public CodeVerdict Verdict(string rules, string code, int total)
    {
        if (!_found.TryGetValue(rules, out JsonElement found) && !_found.TryGetValue("both", out found))
            return Stopped(code, total);
        CodeOutcome outcome = Enum.Parse<CodeOutcome>(found.GetProperty("outcome").GetString()!);
        return new CodeVerdict
        {
            Outcome = outcome,
            Code = code,
            PassedTests = found.GetProperty("passed").GetInt32(),
            TotalTests = outcome == CodeOutcome.Passed ? found.GetProperty("passed").GetInt32() : total,
            FailedTestIndex = outcome != CodeOutcome.Passed && found.GetProperty("index") is { ValueKind: JsonValueKind.Number } index
                ? index.GetInt32()
                : null,
            ErrorType = outcome == CodeOutcome.Passed ? null : found.GetProperty("type").GetString(),
            Detail = found.GetProperty("detail").GetString()!,
        };
    }

    private CodeVerdict Stopped(string code, int total)
    {
        (CodeOutcome outcome, string type, string detail) = Run.End switch
        {
            PythonRunEnd.TimedOut => (CodeOutcome.TimedOut, "TLE", "The time for all tests is over."),
            PythonRunEnd.TooMuchMemory => (CodeOutcome.Error, "RE", "The program took more memory than it may."),
            PythonRunEnd.TooMuchOutput => (CodeOutcome.Error, "RE", "The program wrote more than it may."),
            _ => (CodeOutcome.Error, "RE", "The program ended its own judge."),
        };
        return new CodeVerdict { Outcome = outcome, Code = code, TotalTests = total, FailedTestIndex = 0, ErrorType = type, Detail = detail };
    }
}
