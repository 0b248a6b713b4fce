using Xunit;

namespace RecursiveMas.Evaluation.Tests.Judging;

/// <summary>Tests that use numpy, as those of MBPP+ do. RECURSIVEMAS_TEST_PYTHON names an interpreter that has it.</summary>
public class NumpyTests
{
    private const string Script = """
        import numpy as np

        def is_floats(x):
            if isinstance(x, float):
                return True
            if isinstance(x, (list, tuple)):
                return all(isinstance(i, float) for i in x)
            return isinstance(x, np.ndarray) and x.dtype in (np.float32, np.float64)

        def close(out, exp, atol):
            exact = out == exp
            if atol == 0 and is_floats(exp):
                atol = 1e-6
            if not exact and atol != 0:
                assert np.allclose(out, exp, rtol=1e-07, atol=atol)
            else:
                assert exact

        for given, wanted in zip([[1.0, 2.0], [3.0, 4.0]], [0.3, 0.7]):
            close(mean(given), wanted, 0)
        close(halves([1, 2]), [0.5, 1.0 + 1e-9], 0)
        close(size([1, 2]), 2, 0)
        assert isinstance(size([1, 2]), int)
        """;

    private static readonly string? s_python = Environment.GetEnvironmentVariable("RECURSIVEMAS_TEST_PYTHON");

    [Theory]
    [InlineData("def mean(x): return sum(x) / 10\ndef halves(x): return [i / 2 for i in x]\ndef size(x): return len(x)", CodeOutcome.Passed)]
    [InlineData(
        "import numpy as n\ndef mean(x): return n.mean(x) / 5\ndef halves(x): return list(n.array(x) / 2)\ndef size(x): return len(x)", CodeOutcome.Passed)]
    [InlineData("def mean(x): return sum(x) / 10\ndef halves(x): return [i / 2 + 1e-3 for i in x]\ndef size(x): return len(x)", CodeOutcome.Failed)]
    public async Task Verdicts_are_those_of_one_process(string code, CodeOutcome outcome)
    {
        using var judge = new CodeJudge(new CodeJudgeOptions
        {
            ScriptSeconds = 20,
            Python = new CodeJudgeOptions().Python with { Interpreter = s_python },
        });
        CodeScore score;
        try
        {
            score = await judge.JudgeAsync(code, code, new AssertionTests(Script) { FunctionName = "mean" }, TestContext.Current.CancellationToken);
        }
        catch (CodeJudgeException error) when (s_python is null && error.Message.Contains("python3-numpy", StringComparison.Ordinal))
        {
            Assert.Skip("The interpreter has no numpy.");
            throw;
        }

        Assert.True(outcome == score.Strict.Outcome, score.Strict.Detail);
        Assert.Equal(outcome == CodeOutcome.Passed, score.Reference.AllPassed);
    }
}
