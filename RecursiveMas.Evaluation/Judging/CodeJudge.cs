using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using RecursiveMas.Judging;

namespace RecursiveMas;

/// <summary>
/// Tries programs in Python's sandbox, several at a time. A program runs in a process of its own, apart from its tests: it sees the arguments of calls and
/// what it reads, never expected results, and no verdict comes from its side. Exit status, output and interpreter are its own and prove nothing.
/// </summary>
/// <remarks>
/// On Linux with bubblewrap and Python 3, see <see cref="PythonSandbox"/>. One limit remains, as of every script of assertions: an object of the program that
/// claims to equal everything passes where only equality is asserted. <see cref="CodeJudgeOptions.ResultsAreData"/> takes it away.
/// </remarks>
public sealed class CodeJudge : ICodeJudge, IDisposable
{
    private readonly CodeJudgeOptions _options;
    private readonly PythonSandbox _sandbox;
    private readonly SemaphoreSlim _places;

    /// <summary>Creates the judge; nothing runs yet.</summary>
    /// <param name="options">Limits. Default: see there.</param>
    public CodeJudge(CodeJudgeOptions? options = null)
    {
        _options = options ?? new CodeJudgeOptions();
        // The judge ends every process that it sees, which must be the sandbox's own.
        _sandbox = new PythonSandbox(_options.Python with { RequireSandbox = true, Prelude = false, EchoLastExpression = false });
        _places = new SemaphoreSlim(_options.MaxConcurrency);
    }

    /// <summary>The limits of time, and whether results are data.</summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"{nameof(CodeJudge)}, {_options.ScriptSeconds} s a script, {_options.CaseSeconds} s an input{(_options.ResultsAreData ? ", results are data" : "")}");

    /// <inheritdoc/>
    /// <exception cref="CodeJudgeException">The tests need a package that the interpreter lacks, or the judge could not be started.</exception>
    /// <exception cref="SandboxException">Code cannot be kept in here.</exception>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public Task<CodeScore> JudgeAsync(string output, EvaluationQuestion question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(question);
        MasQuestion asked = question.ToMasQuestion() with { Kind = TaskKind.Code };
        return JudgeAsync(
            AnswerExtractor.Extract(output, asked, AnswerExtraction.Reference)?.Value,
            AnswerExtractor.Extract(output, asked)?.Value,
            question.Tests,
            cancellationToken);
    }

    /// <summary>Tries programs that have been taken out of a text already.</summary>
    /// <param name="referenceCode">The program by the rules of the reference implementation; null or empty if there is none.</param>
    /// <param name="strictCode">The program by the strict rules; null or empty if there is none.</param>
    /// <param name="tests">What they must pass; null if there is nothing.</param>
    /// <param name="cancellationToken">Stops the trial, with every process of the programs.</param>
    /// <exception cref="CodeJudgeException">The tests need a package that the interpreter lacks, or the judge could not be started.</exception>
    /// <exception cref="SandboxException">Code cannot be kept in here.</exception>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    /// <returns>Both verdicts.</returns>
    public async Task<CodeScore> JudgeAsync(string? referenceCode, string? strictCode, CodeTests? tests, CancellationToken cancellationToken = default)
    {
        referenceCode = string.IsNullOrWhiteSpace(referenceCode) ? null : referenceCode;
        strictCode = string.IsNullOrWhiteSpace(strictCode) ? null : strictCode;
        try
        {
            if (tests is InputOutputTests { Hidden: { } hidden } cases)
                tests = cases with { Cases = [.. cases.Cases, .. hidden()], Hidden = null };
        }
        catch (DataSetException error)
        {
            return new CodeScore(Unreadable(referenceCode, error), Unreadable(strictCode, error));
        }

        if (tests is null or InputOutputTests { Cases.Count: 0 } || (tests as AssertionTests)?.Script is { } script && string.IsNullOrWhiteSpace(script))
            return new CodeScore(Untried(referenceCode, 0), Untried(strictCode, 0));
        if (referenceCode is null && strictCode is null)
            return new CodeScore(Untried(null, tests.Count), Untried(null, tests.Count));

        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            string word = RandomNumberGenerator.GetHexString(48, lowercase: true);
            JsonObject job = Job(tests, word);
            job["strict"] = strictCode;
            job["reference"] = referenceCode;
            PythonRun run = await _sandbox.RunAsync(JudgePrograms.Judge, job.ToJsonString(), TimeLimit(tests), cancellationToken).ConfigureAwait(false);
            var report = new JudgeReport(run, word);
            EnsureUsable(report);
            return new CodeScore(
                referenceCode is null ? Untried(null, tests.Count) : report.Verdict("reference", referenceCode, tests.Count),
                strictCode is null ? Untried(null, tests.Count) : report.Verdict("strict", strictCode, tests.Count));
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Makes sure that programs can be judged here, before questions are asked.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException">Code cannot be kept in here.</exception>
    /// <exception cref="ToolUnavailableException">There is no interpreter.</exception>
    public Task RequireAsync(CancellationToken cancellationToken = default) => _sandbox.RequireAsync(cancellationToken);

    /// <summary>Frees the queue. Trials that run go on.</summary>
    public void Dispose() => _places.Dispose();

    private static void EnsureUsable(JudgeReport report)
    {
        if (report.Missing is { Length: > 0 } missing)
        {
            string packages = string.Join(", ", missing);
            throw new CodeJudgeException(
                $"The tests import {packages}, which the Python interpreter lacks; no program could pass them. Install it beside the interpreter " +
                $"(Debian, Ubuntu: apt install {string.Join(' ', missing.Select(name => "python3-" + name))}), or name an interpreter that has it by " +
                $"{nameof(CodeJudgeOptions)}.{nameof(CodeJudgeOptions.Python)}.");
        }

        if (!report.Began && report.Run.End != PythonRunEnd.TimedOut)
            throw new CodeJudgeException($"The judge could not be started: {report.Run.End}, {report.Run.ExitCode}: {report.Run.Error}");
    }

    /// <summary>The verdict on what is not there.</summary>
    private static CodeVerdict Untried(string? code, int tests) => new()
    {
        Outcome = tests == 0 && code is not null ? CodeOutcome.NoTests : CodeOutcome.NoCode,
        Code = code,
        TotalTests = tests,
        FailedTestIndex = tests > 0 ? 0 : null,
        ErrorType = tests == 0 && code is not null ? "NO_TESTS" : "EMPTY_CODE",
        Detail = code is null ? "There is no program in the text." : "There are no tests.",
    };

    private static CodeVerdict Unreadable(string? code, DataSetException error) =>
        Untried(code, 0) with { Detail = code is null ? "There is no program in the text." : error.Message };

    private JsonObject Job(CodeTests tests, string word)
    {
        var job = new JsonObject
        {
            ["word"] = word,
            ["wire"] = JudgePrograms.Wire,
            ["candidate"] = JudgePrograms.Candidate,
            ["prelude"] = JudgePrograms.Prelude,
            ["count"] = tests.Count,
            ["distrust"] = _options.ResultsAreData,
        };
        if (tests is AssertionTests assertions)
        {
            job["mode"] = "script";
            job["script"] = assertions.Script;
            job["function"] = assertions.FunctionName;
            job["seconds"] = _options.ScriptSeconds;
        }
        else if (tests is InputOutputTests cases)
        {
            job["mode"] = cases.FunctionName is null ? "input" : "function";
            job["function"] = cases.FunctionName;
            job["cases"] = new JsonArray([.. cases.Cases.Select(test => new JsonArray(test.Input, test.Output))]);
            job["seconds"] = _options.CaseSeconds;
        }

        return job;
    }

    /// <summary>Time after which something is wrong with the judge itself; the tests have limits of their own.</summary>
    private TimeSpan TimeLimit(CodeTests tests)
    {
        double one = tests is AssertionTests ? _options.ScriptSeconds + 5 : Math.Max(10, (_options.CaseSeconds + 1) * (double)tests.Count + 5);
        return TimeSpan.FromSeconds(Math.Min(2 * one + 10, TimeSpan.FromHours(20).TotalSeconds));
    }
}
