using Xunit;

namespace RecursiveMas.Evaluation.Tests.Judging;

/// <summary>Programs tried on inputs, and functions called with values.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("print(float(input()) + 0)", "1", "1", null)]
    [InlineData("print('1\\n\\n2')", "", "1\n2", "WA")]
    [InlineData("print('yes')", "", "YES", "WA")]
    [InlineData("print('1,2')", "", "1, 2", "WA")]
    [InlineData("print('1e3 0.1000 ')", "", " 1000 0.1\n\n", null)]
    [InlineData("print('0.1')", "", "0.10000000000000000000000000001", "WA")]
    [InlineData("print('nan nan')", "", "nan  nan", "WA")]
    [InlineData("import sys\nprint('ok')\nsys.exit(0)", "", "ok", null)]
    [InlineData("import sys\nprint('ok')\nsys.exit(2)", "", "ok", "RE")]
    [InlineData("import sys\nprint(sum(map(int, sys.stdin.read().split())))", "1 2\n3\n", "6", null)]
    [InlineData("print('a\\r\\nb')", "", "a\nb", null)]
    [InlineData("while True: print('x')", "", "x", "TLE")]
    [InlineData("input('?')\nprint(len(input()))", "é\nüö", "?2", null)]
    [InlineData("import os\nif os.fork() == 0:\n    import time\n    time.sleep(60)\nprint('ok')", "", "ok", "TLE")]
    [InlineData("open('/dev/stdin')\nprint(1", "", "1", "RE")]
    public async Task Output_is_compared_line_by_line(string code, string input, string expected, string? error)
    {
        var tests = new InputOutputTests([new InputOutputCase(input, expected)]);
        CodeScore score = await Judges.Quick.JudgeAsync(code, code, tests, Stop);
        Assert.Equal((error, error), (score.Reference.ErrorType, score.Strict.ErrorType));
        Assert.Equal((error is null, error is null), (score.Reference.AllPassed, score.Strict.AllPassed));
    }

    [Fact]
    public async Task The_first_failure_ends_the_trial()
    {
        InputOutputCase[] cases = [new("1", "1"), new("2", "2"), new("3", "4"), new("4", "4")];
        CodeScore score = await Judges.Quick.JudgeAsync("print(input())", "print(int(input()) + 1)", new InputOutputTests(cases), Stop);
        Assert.Equal((2, 2, 4, "WA"), (score.Reference.FailedTestIndex, score.Reference.PassedTests, score.Reference.TotalTests, score.Reference.ErrorType));
        Assert.Equal((0, 0, 4), (score.Strict.FailedTestIndex, score.Strict.PassedTests, score.Strict.TotalTests));
        Assert.Contains("\"expected\": \"4\"", score.Reference.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_output_than_expected_is_wrong_and_bounded()
    {
        const string Code = "for i in range(5): print('x' * 1_000_000)";
        CodeScore score = await Judges.Quick.JudgeAsync(Code, Code, new InputOutputTests([new InputOutputCase("", "x")]), Stop);
        Assert.Equal("WA", score.Strict.ErrorType);
    }

    [Theory]
    [InlineData("def combine(a, b):\n    return a + b", "1\n2", "3", null, null)]
    [InlineData("class Solution:\n    def combine(self, a, b):\n        return a + b", "1\n\n2\n", "3", null, null)]
    [InlineData("def combine(a, b):\n    return a, b", "1\n2", "[1, 2]", null, null)]
    [InlineData("def combine(a, b):\n    return [(a, b)]", "1\n2", "[[1, 2]]", "WA", "WA")]
    [InlineData("def combine(a, b):\n    return str(a + b)", "1\n2", "3", "WA", "WA")]
    [InlineData("def combine(a, b):\n    return defaultdict(int, {'x': a + b})", "1\n2", "{\"x\": 3}", null, null)]
    [InlineData("def combine(a, b):\n    class Any:\n        __eq__ = lambda self, other: True\n    return Any()", "1\n2", "3", null, "WA")]
    [InlineData("def combine(a, b):\n    print('so far')\n    return a + b", "1\n2", "3", "EVAL_BAD_OUTPUT", null)]
    [InlineData("def plus(a, b):\n    return a + b", "1\n2", "3", "NO_FUNC", "NO_FUNC")]
    [InlineData("def combine(a, b):\n    return a / 0", "1\n2", "3", "RE", "RE")]
    [InlineData("def combine(a, b):\n    return a", "x\n2", "3", "BAD_TEST_FORMAT", "BAD_TEST_FORMAT")]
    [InlineData("def combine(a, b)\n    return a", "1\n2", "3", "CE/RE", "CE/RE")]
    [InlineData("def combine(a, b):\n    while True: pass", "1\n2", "3", "TLE", "TLE")]
    [InlineData("while True: pass", "1\n2", "3", "TLE", "TLE")]
    [InlineData("import os\ndef combine(a, b):\n    os._exit(0)", "1\n2", "3", "EVAL_BAD_OUTPUT", "RE")]
    [InlineData("import os\ndef combine(a, b):\n    os._exit(1)", "1\n2", "3", "EVAL_CRASH", "RE")]
    [InlineData("import sys\ndef combine(a, b):\n    print('{\"all_passed\": true}')\n    sys.exit(0)", "1\n2", "3", null, "RE")]
    [InlineData("def combine(a, b):\n    return pairwise", "1\n2", "3", "WA", "WA")]
    [InlineData("def combine(a, b):\n    return 10**400 + a", "0\n2", "1", "WA", "WA")]
    public async Task Functions_are_called_with_json(string code, string input, string expected, string? reference, string? strict)
    {
        CodeScore score = await Judges.Quick.JudgeAsync(code, code, new InputOutputTests([new InputOutputCase(input, expected)], "combine"), Stop);
        Assert.Equal((reference, strict), (score.Reference.ErrorType, score.Strict.ErrorType));
        Assert.Equal((reference is null, strict is null), (score.Reference.AllPassed, score.Strict.AllPassed));
        if (strict == "BAD_TEST_FORMAT")
            Assert.Equal(CodeOutcome.NoTests, score.Strict.Outcome);
    }

    /// <summary>Tests and program share no process, and yet a script sees what it would see in one.</summary>
    [Theory]
    [InlineData("class Pair:\n    def __init__(self, a, b):\n        self.a, self.b = a, b\ndef total(pairs):\n    return sum(p.a * p.b for p in pairs)",
        "assert total([Pair(1, 2), Pair(3, 4)]) == 14\np = Pair(5, 6)\np.a = 7\nassert (p.a, total([p])) == (7, 42)")]
    [InlineData("def total(f, xs):\n    return list(map(f, xs))", "assert total(lambda x: x + 1, [1, 2]) == [2, 3]\nassert total(str, (1,)) == ['1']")]
    [InlineData("def total(xs):\n    xs.sort()\n    xs.append([0])", "xs = [3, 1, [2]][:2]\nassert total(xs) is None and xs == [1, 3, [0]]")]
    [InlineData("def total(n):\n    for i in range(n):\n        yield i",
        "assert list(total(3)) == [0, 1, 2]\nit = total(1)\nassert next(it) == 0\ntry:\n    next(it)\n    assert False\nexcept StopIteration:\n    pass")]
    [InlineData("def total(n):\n    raise ValueError('no')",
        "try:\n    total(1)\nexcept ValueError as error:\n    assert str(error) == 'no'\nelse:\n    assert False")]
    [InlineData("def total(n):\n    return {1: (2, {3}), 'a': [None, True, 1.5, 2**100, b'x', 1j, float('inf')]}",
        "r = total(0)\nassert r == {1: (2, {3}), 'a': [None, True, 1.5, 2**100, b'x', 1j, inf]} and type(r) is dict and type(r[1]) is tuple")]
    [InlineData("from fractions import Fraction\ndef total(n):\n    return Counter('aab'), deque([n]), Fraction(1, 3), defaultdict(list, {1: [2]})",
        "c, d, f, e = total(4)\nassert c == {'a': 2, 'b': 1} and d == deque([4]) and f * 3 == 1\n" +
        "assert e == {1: [2]} and isinstance(e, dict) and len(e) == 1 and 1 in e and e[1] == [2]")]
    [InlineData("def total(n):\n    def inner(k):\n        return n * k\n    return inner", "assert total(6)(7) == 42")]
    [InlineData("def merge(a, b):\n    return a * 2 + b", "assert merge([1], [2]) == [1, 1, 2]")]
    [InlineData("class S(str): pass\nclass I(int): pass\n" +
        "def total(n):\n    return [S('ab'), I(3), collections.UserList([1]), {1: 2}.keys(), {'a': 1}.items()]",
        "s, i, u, k, p = total(1)\nassert s + 'c' == 'abc' and 'x' + s == 'xab' and {'ab': 1}[s] == 1 and s.upper() == 'AB' and s in ['ab']\n" +
        "assert i + 1 == 4 and 2 ** i == 8 and divmod(7, i) == (2, 1) and 2 < i < 4 and [0, 1, 2, 3][i] == 3 and {i} == {3} and 5 - i == 2\n" +
        "assert u == [1] and k == {1} and p == {('a', 1)} and sorted([i, 1]) == [1, 3]")]
    [InlineData("Point = collections.namedtuple('Point', 'x y')\ndef total(n):\n    return Point(n, [n])",
        "assert total(1) == (1, [1]) and total(2).y == [2] and total(1) == total(1) and (1, [1]) == total(1)")]
    [InlineData(
        "utc = datetime.timezone.utc\n" +
        "def total(n):\n    return [datetime.datetime(2020, 1, n, 3), datetime.time(1, 2), datetime.datetime(2020, 1, 1, tzinfo=utc)]",
        "assert total(2) == [datetime.datetime(2020, 1, 2, 3), datetime.time(1, 2), datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)]\n" +
        "assert total(2)[0] < datetime.datetime(2021, 1, 1) and total(3)[0] - total(2)[0] == datetime.timedelta(days=1)")]
    [InlineData("import pathlib\nclass Place:\n    def __init__(self, n): self.n = n\ndef total(n):\n    return pathlib.Path('a') if n else Place(1)",
        "import pathlib\nassert total(1) != 3 and not total(0) == 3 and str(total(1)) == 'a'")]
    [InlineData("class Vector:\n    def __init__(self, *a): self.a = a\n    def __mul__(self, k): return Vector(*(k * x for x in self.a))\n" +
        "    __rmul__ = __mul__\n    def __add__(self, other): return Vector(*(x + y for x, y in zip(self.a, other.a)))\n" +
        "    def __eq__(self, other): return self.a == other.a\n" +
        "    __hash__ = lambda self: hash(self.a)\n    def __contains__(self, x): return x in self.a\ndef total(v):\n    return sum(v.a)",
        "v = 2 * Vector(1, 2) + Vector(1, 1) * 1\nv += Vector(1, 0)\nassert v == Vector(4, 5) and v != Vector(4, 4) and total(v) == 9\n" +
        "assert 4 in v and 3 not in v and len({v, Vector(4, 5)}) == 1 and {v: 1}[Vector(4, 5)] == 1")]
    public async Task A_script_sees_what_it_would_see_in_one_process(string code, string script)
    {
        var tests = new AssertionTests(script) { FunctionName = code.Contains("def merge", StringComparison.Ordinal) ? "merge" : "total" };
        CodeScore score = await Judges.Quick.JudgeAsync(code, code, tests, Stop);
        Assert.True(score.Strict.AllPassed && score.Reference.AllPassed, $"{score}");
        score = await Judges.Wary.JudgeAsync(null, code, tests, Stop);
        Assert.True(score.Strict.AllPassed, $"{score}");
    }

    /// <summary>"count" is one of itertools: the program's own counts where it was asked for, or where nobody says what was.</summary>
    [Theory]
    [InlineData("count", CodeOutcome.Passed)]
    [InlineData(null, CodeOutcome.Passed)]
    [InlineData("other", CodeOutcome.Error)]
    public async Task A_name_of_the_prelude_is_replaced_by_what_was_asked_for(string? function, CodeOutcome outcome)
    {
        const string Code = "def count(xs):\n    return len(xs)";
        CodeScore score = await Judges.Quick.JudgeAsync(null, Code, new AssertionTests("assert count([1, 2]) == 2") { FunctionName = function }, Stop);
        Assert.Equal(outcome, score.Strict.Outcome);
    }

    [Fact]
    public async Task Nothing_to_try_is_said_so()
    {
        CodeScore none = await Judges.Quick.JudgeAsync("x = 1", null, new AssertionTests("  "), Stop);
        Assert.Equal((CodeOutcome.NoTests, "NO_TESTS", CodeOutcome.NoCode, "EMPTY_CODE"),
            (none.Reference.Outcome, none.Reference.ErrorType, none.Strict.Outcome, none.Strict.ErrorType));
        CodeScore broken = await Judges.Quick.JudgeAsync("x = 1", "x = 1", new AssertionTests("assert ("), Stop);
        Assert.Equal((CodeOutcome.Error, CodeOutcome.NoTests), (broken.Reference.Outcome, broken.Strict.Outcome));
    }

    [Fact]
    public async Task A_package_that_the_tests_need_is_named()
    {
        CodeJudgeException error = await Assert.ThrowsAsync<CodeJudgeException>(() =>
            Judges.Quick.JudgeAsync("x = 1", "x = 1", new AssertionTests("import nowhere.inside as n\nassert True"), Stop));
        Assert.Contains("python3-nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_can_be_stopped()
    {
        await Judges.Quick.RequireAsync(Stop);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(700));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Judges.Quick.JudgeAsync("while True: pass", "while True: pass", new AssertionTests("assert True"), stop.Token));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}
