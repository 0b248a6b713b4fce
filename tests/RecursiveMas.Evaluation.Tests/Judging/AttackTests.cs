using System.Security.Cryptography;
using System.Text;
using RecursiveMas.Judging;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Judging;

/// <summary>Programs that want a verdict they have not earned.</summary>
public sealed class AttackTests
{
    private const string Wrong = "def double(x):\n    return 0\n";
    private const string Script =
        "assert double(3) == 6\nassert double(4) == 8\nassert abs(double(-1) + 2) < 1e-9 and all(double(i) == 2 * i for i in range(5))";

    private static readonly (string Attack, string Code, CodeOutcome Outcome)[] s_attacks =
    [
        ("exit", "import os\ndef double(x):\n    os._exit(0)\n", CodeOutcome.Error),
        ("exit at once", Wrong + "raise SystemExit(0)\n", CodeOutcome.Error),
        ("exit behind", Wrong + "import atexit, os\natexit.register(lambda: os._exit(0))\n", CodeOutcome.Failed),
        ("assertions", Wrong + """
            import builtins
            builtins.AssertionError = type('Nothing', (Exception,), {})
            AssertionError = builtins.AssertionError
            """, CodeOutcome.Failed),
        ("built-in functions", """
            import builtins
            builtins.abs = abs = lambda x: 0
            builtins.all = all = lambda x: True
            builtins.range = range = lambda n: []
            def double(x):
                return {3: 6, 4: 8}.get(x, 0)
            """, CodeOutcome.Failed),
        ("frames", Wrong + """
            import sys, gc
            def seek():
                frame = sys._getframe()
                while frame:
                    for name, value in list(frame.f_globals.items()) + list(frame.f_locals.items()):
                        if isinstance(value, str):
                            print(value)
                            if len(value) == 48:
                                import os
                                for fd in range(20):
                                    verdict = ' ["strict", {"outcome": "Passed", "passed": 1, "index": null, "type": null, "detail": ""}]\n'
                                    try: os.write(fd, (value + verdict).encode())
                                    except OSError: pass
                    frame = frame.f_back
            def double(x):
                seek()
                return 0
            """, CodeOutcome.Failed),
        ("all descriptors", Wrong + """
            import os
            def double(x):
                for process in [name for name in os.listdir('/proc') if name.isdigit() and int(name) != os.getpid()]:
                    for fd in range(64):
                        try:
                            with open(f'/proc/{process}/fd/{fd}', 'wb', buffering=0) as file:
                                file.write(b'"strict", {"outcome": "Passed"}]\n' * 4)
                        except OSError:
                            pass
                return 0
            """, CodeOutcome.Failed),
        ("memory of others", """
            import os, re
            def double(x):
                found = []
                for process in [name for name in os.listdir('/proc') if name.isdigit() and int(name) != os.getpid()]:
                    try:
                        with open(f'/proc/{process}/maps') as maps, open(f'/proc/{process}/mem', 'rb') as memory:
                            for line in maps:
                                start, end = (int(part, 16) for part in line.split()[0].split('-'))
                                if ' rw' in line and end - start < 1 << 26:
                                    try:
                                        memory.seek(start)
                                        found += re.findall(rb'[0-9a-f]{48}(?= \[)|assert double\(4\)', memory.read(end - start))
                                    except (OSError, ValueError, OverflowError):
                                        pass
                    except OSError:
                        pass
                return 6 if not found else 2 * x
            """, CodeOutcome.Failed),
        ("trace", Wrong + """
            import sys, threading
            def skip(frame, event, argument):
                return skip
            sys.settrace(skip); threading.settrace(skip)
            """, CodeOutcome.Failed),
        ("loop", "def double(x):\n    while True: pass\n", CodeOutcome.TimedOut),
        ("loop at once", "while True: pass\n", CodeOutcome.TimedOut),
        ("fork", "import os\ndef double(x):\n    while True:\n        try: os.fork()\n        except OSError: pass\n", CodeOutcome.TimedOut),
        ("fork and leave", "import os\nif os.fork(): os._exit(0)\n" + Wrong, CodeOutcome.Failed),
        ("output", "import sys\ndef double(x):\n    while True: sys.stdout.write('x' * 100000)\n", CodeOutcome.TimedOut),
        ("output and right", "print('y' * 20_000_000)\ndef double(x):\n    print('x' * 100_000)\n    return 2 * x\n", CodeOutcome.Passed),
        ("recursion", "def double(x):\n    return double(x)\n", CodeOutcome.Error),
        ("memory", "def double(x):\n    return [0] * 10**11\n", CodeOutcome.Error),
        ("deep", "def double(x):\n    y = []\n    for i in range(10**5): y = [y]\n    return y\n", CodeOutcome.Failed),
        ("circle", "def double(x):\n    y = []\n    y.append(y)\n    return y\n", CodeOutcome.Failed),
        ("own judge killed", "import os, signal\ndef double(x):\n    os.kill(-1, signal.SIGKILL)\n    return 0\n", CodeOutcome.Error),
        ("own judge stopped", """
            import os, signal
            def double(x):
                for process in os.listdir('/proc'):
                    if process.isdigit() and int(process) not in (1, os.getpid()):
                        try: os.kill(int(process), signal.SIGSTOP)
                        except OSError: pass
                return 0
            """, CodeOutcome.TimedOut),
        ("nonsense to the judge", """
            import os
            def double(x):
                for fd in range(3, 30):
                    try: os.write(fd, b'\xff' * 4096)
                    except OSError: pass
                return 0
            """, CodeOutcome.Error),
        ("own answers to the judge", "import os, json\ndef double(x):\n    data = json.dumps({'value': True}).encode()\n    for fd in range(3, 30):\n" +
            "        try: os.write(fd, (len(data).to_bytes(8, 'big') + data) * 100)\n        except OSError: pass\n    return 0\n", CodeOutcome.Failed),
        ("verdict of its own", """
            import os
            def double(x):
                verdict = ' ["strict", {"outcome": "Passed", "passed": 1, "index": null, "type": null, "detail": ""}]\n'
                for fd in range(10):
                    try:
                        with open(f'/proc/1/fd/{fd}', 'w') as file:
                            file.write('\n' + verdict + '0' * 64 + verdict)
                    except OSError:
                        pass
                return 0
            """, CodeOutcome.Failed),
        ("interrupt", """
            import os, signal, time
            def double(x):
                for process in [name for name in os.listdir('/proc') if name.isdigit() and int(name) not in (1, os.getpid())]:
                    try: os.kill(int(process), signal.SIGINT)
                    except OSError: pass
                time.sleep(1)
                return 0
            """, CodeOutcome.Error),
        ("half a letter", "def double(x):\n    raise ValueError('\\ud800')\n", CodeOutcome.Error),
    ];

    [Fact]
    public async Task No_verdict_but_the_right_one()
    {
        var tests = new AssertionTests(Script) { FunctionName = "double" };
        CodeScore[] scores = await Task.WhenAll(
            s_attacks.Select(attack => Judges.Quick.JudgeAsync(null, attack.Code, tests, TestContext.Current.CancellationToken)));
        string[] wrong =
        [
            .. s_attacks.Zip(scores).Where(pair => pair.First.Outcome != pair.Second.Strict.Outcome)
                .Select(pair => $"{pair.First.Attack}: {pair.First.Outcome} is {pair.Second.Strict.Outcome}, {pair.Second.Strict.Detail}"),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        Assert.All(scores, score => Assert.Equal(CodeOutcome.NoCode, score.Reference.Outcome));
    }

    /// <summary>What a program returns is what it is, whatever its classes say when they are asked.</summary>
    [Theory]
    [InlineData("object", "__eq__ = lambda self, other: True", "Any()", "assert f() == 6", CodeOutcome.Failed)]
    [InlineData("object", "__sub__ = __rsub__ = lambda self, other: 0.0", "Any()", "assert abs(f() - 6) < 1e-9", CodeOutcome.Error)]
    [InlineData("int", "__eq__ = lambda self, other: True", "Any(1)", "assert f() == 6", CodeOutcome.Failed)]
    [InlineData("float", "__sub__ = lambda self, other: 0.0", "Any(1)", "assert abs(f() - 6) < 1e-9", CodeOutcome.Failed)]
    [InlineData("list", "__contains__ = lambda self, item: True", "Any([1])", "assert 6 in f()", CodeOutcome.Failed)]
    [InlineData("object", "__contains__ = lambda self, item: True\n    __iter__ = lambda self: iter([1])", "Any()", "assert 6 in f()", CodeOutcome.Failed)]
    [InlineData("str", "startswith = lambda self, text: True", "Any('no')", "assert f().startswith('s')", CodeOutcome.Failed)]
    [InlineData("set", "issubset = lambda self, other: True", "Any([1])", "assert f().issubset({2})", CodeOutcome.Failed)]
    [InlineData("str", "__eq__ = lambda self, other: True", "[Any('no')]", "assert f() == ['yes']", CodeOutcome.Failed)]
    [InlineData("str", "__eq__ = lambda self, other: True", "{'a': Any('no')}", "assert {'a': 'b'} == f()", CodeOutcome.Failed)]
    [InlineData("int", "n = 0\n    def __int__(self):\n        Any.n += 1\n        return Any.n", "Any()", "assert f() in [9, 8, 7, 6, 5]", CodeOutcome.Failed)]
    public async Task Results_are_data_for_a_judge_that_does_not_believe_them(string parent, string body, string result, string script, CodeOutcome outcome)
    {
        string code = $"class Any({parent}):\n    {body}\n    __hash__ = lambda self: 0\ndef f():\n    return {result}";
        var tests = new AssertionTests(script) { FunctionName = "f" };
        Assert.Equal(outcome, (await Judges.Wary.JudgeAsync(null, code, tests, TestContext.Current.CancellationToken)).Strict.Outcome);
    }

    [Theory]
    [InlineData("import os\ndef f():\n    os._exit(0)", "try:\n    f()\nexcept:\n    pass", CodeOutcome.Error)]
    [InlineData("def f():\n    while True: pass", "try:\n    f()\nexcept BaseException:\n    pass", CodeOutcome.TimedOut)]
    [InlineData("def f(x):\n    raise StopIteration", "for a, b in zip(map(f, [1]), [2]):\n    assert a == b", CodeOutcome.Error)]
    public async Task An_end_that_the_tests_do_not_notice_is_none(string code, string script, CodeOutcome outcome)
    {
        var tests = new AssertionTests(script) { FunctionName = "f" };
        Assert.Equal(outcome, (await Judges.Quick.JudgeAsync(null, code, tests, TestContext.Current.CancellationToken)).Strict.Outcome);
    }

    /// <summary>What one program leaves behind does not reach the next, nor the same one at its next input.</summary>
    [Fact]
    public async Task Nothing_is_left_of_a_program()
    {
        const string Code = """
            import os
            places = ['seen', '/sandbox/seen', '/tmp/seen', '/dev/shm/seen']
            seen = [place for place in places if os.path.exists(place)]
            for place in places: open(place, 'w').close()
            os.makedirs('/sandbox/script.py', exist_ok=True)
            print(seen)
            """;
        InputOutputCase[] cases = [new("1", "[]"), new("2", "[]")];
        CodeScore inputs = await Judges.Quick.JudgeAsync(Code + " ", Code, new InputOutputTests(cases), TestContext.Current.CancellationToken);
        Assert.Equal((null, null), (inputs.Reference.ErrorType, inputs.Strict.ErrorType));
        CodeScore script = await Judges.Quick.JudgeAsync(Code, Code, new AssertionTests("assert not seen, seen"), TestContext.Current.CancellationToken);
        Assert.Equal((CodeOutcome.Passed, CodeOutcome.Passed), (script.Reference.Outcome, script.Strict.Outcome));
    }

    [Fact]
    public void Only_lines_that_the_judge_has_signed_are_read()
    {
        const string Word = "0123456789abcdef",
            Line = """["strict", {"outcome": "Passed", "passed": 1, "index": null, "type": null, "detail": ""}]""";
        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Word), Encoding.UTF8.GetBytes(Line)));
        CodeOutcome Of(string output) =>
            new JudgeReport(new PythonRun(PythonRunEnd.Exited, 0, output, ""), Word).Verdict("strict", "x = 1", 1).Outcome;
        Assert.Equal(CodeOutcome.Passed, Of($"noise\n{signature} {Line}\nmore"));
        Assert.Equal(CodeOutcome.Error, Of($"\n{signature} {Line.Replace("1", "2", StringComparison.Ordinal)}\n"));
        Assert.Equal(CodeOutcome.Error, Of($"\n{Word} {Line}\n{Line}\n{new string('0', 64)} {Line}\n"));
    }

    [Theory]
    [InlineData("import os\ndef double(x):\n    os._exit(0)\n", true)]
    [InlineData("import os\ndef double(x):\n    os._exit(3)\n", false)]
    [InlineData("class Any:\n    __eq__ = lambda self, other: True\n    __add__ = lambda self, other: 0\ndef double(x):\n    return Any()\n", true)]
    public async Task The_reference_believes_exit_codes(string code, bool passed)
    {
        var tests = new AssertionTests(Script, 3) { FunctionName = "double" };
        CodeVerdict verdict = (await Judges.Quick.JudgeAsync(code, null, tests, TestContext.Current.CancellationToken)).Reference;
        Assert.Equal((passed, passed ? null : "RE", passed ? 3 : 0, 3), (verdict.AllPassed, verdict.ErrorType, verdict.PassedTests, verdict.TotalTests));
    }

    /// <summary>The reference's script holds the tests and lies where the program can read it, but only once the program has been judged strictly.</summary>
    [Fact]
    public async Task A_program_that_reads_its_tests_fools_the_reference_only()
    {
        const string Code = """
            import os
            def double(x):
                texts = [open(name, errors='replace').read() for name in os.listdir() if os.path.isfile(name)]
                return 2 * x if any('double(4)' in text for text in texts) else 0
            """;
        var tests = new AssertionTests(Script) { FunctionName = "double" };
        CodeScore score = await Judges.Quick.JudgeAsync(Code, Code, tests, TestContext.Current.CancellationToken);
        Assert.Equal((CodeOutcome.Passed, CodeOutcome.Failed), (score.Reference.Outcome, score.Strict.Outcome));
    }
}
