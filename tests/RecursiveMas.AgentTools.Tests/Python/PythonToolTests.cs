using System.Diagnostics;
using System.Text.Json;
using RecursiveMas.AgentTools.Tests.Sandbox;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Python;

/// <summary>What code prints, and what stops it.</summary>
[Collection(SandboxRuns.Collection)]
public sealed class PythonToolTests
{
    private static readonly PythonTool s_python = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_are_those_of_the_reference()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Goldens.Folder("tools", "python.json"), Token));
        foreach (JsonElement golden in Goldens.NotEmpty(document.RootElement.EnumerateArray(), "tools"))
        {
            ToolResult result = await s_python.RunAsync(golden.GetProperty("code").GetString()!, Token);
            Assert.Equal(golden.GetProperty("last_line").GetString(), result.Output.Split('\n')[^1]);
            if (golden.GetProperty("result").GetString() is { } whole)
                Assert.Equal(whole, result.Output);
            Assert.Equal(golden.GetProperty("has_traceback").GetBoolean(), result.Output.Contains("Traceback", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Code_of_the_recorded_conversations_gives_the_recorded_results()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(Goldens.Folder("tools", "loops.json"), Token));
        string[] outputs = Goldens.NotEmpty(document.RootElement.EnumerateArray()
            .SelectMany(golden => golden.GetProperty("outputs").EnumerateArray()).Select(text => text.GetString()!), "tools");
        int compared = 0;
        foreach (string output in outputs)
        {
            for (ToolCall? call = null; (call = ToolProtocol.FindCall(output, ["python"], call?.End ?? 0)) is not null;)
            {
                if (output.AsSpan(call.End).StartsWith(" <result> [tool limit", StringComparison.Ordinal))
                    continue;
                string result = ToolProtocol.Format((await s_python.RunAsync(call.Input, Token)).Output);
                Assert.Equal(result, output.Substring(call.End, result.Length));
                compared++;
            }
        }

        Assert.NotEqual(0, compared);
    }

    [Fact]
    public async Task Everything_is_enforced_here()
    {
        SandboxReport report = await s_python.InspectAsync(Token);
        Assert.True(report.IsComplete, report.ToString());
        Assert.Null(report.Problem);
        Assert.StartsWith("3.", report.PythonVersion, StringComparison.Ordinal);
        Assert.Null(await s_python.CheckAsync(Token));
        Assert.Contains("Network: enforced", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_traceback_names_the_lines_of_the_code()
    {
        ToolResult result = await s_python.RunAsync("x = 1\nprint(x)\nraise ValueError('no')", Token);
        Assert.StartsWith("1\n[stderr]\nTraceback", result.Output, StringComparison.Ordinal);
        Assert.Contains("\"code.py\", line 3", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("ValueError: no\n[exit_code] 1", result.Output, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Each_call_begins_anew()
    {
        const string Leave = "y = 5; open('/sandbox/state', 'w').write('5'); open('/tmp/state', 'w').write('5'); print('ok')";
        Assert.Equal("ok", (await s_python.RunAsync(Leave, Token)).Output);
        Assert.Equal("False False False", (await s_python.RunAsync(
            "import os; print('y' in globals(), os.path.exists('/sandbox/state'), os.path.exists('/tmp/state'))", Token)).Output);
    }

    [Fact]
    public async Task The_last_expression_is_shown_where_that_is_wanted()
    {
        var python = new PythonTool(new PythonOptions { EchoLastExpression = true });
        Assert.Equal("5", (await python.RunAsync("x = 2\nx + 3", Token)).Output);
        Assert.Equal("'a'", (await python.RunAsync("'a'", Token)).Output);
        Assert.Equal("[no output]", (await python.RunAsync("None", Token)).Output);
        Assert.Contains("line 2", (await python.RunAsync("1\n1/0", Token)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_prelude_can_be_left_out()
    {
        Assert.EndsWith("True", (await s_python.RunAsync("print(sp is None or sp.__version__ != '')", Token)).Output, StringComparison.Ordinal);
        Assert.Contains("NameError", (await new PythonTool(new PythonOptions { Prelude = false }).RunAsync("math", Token)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_any_script_and_size_goes_in_and_comes_out()
    {
        Assert.Equal("é 東京 😀", (await s_python.RunAsync("print('é 東京 😀')", Token)).Output);
        string large = "x = '" + new string('y', 2_000_000) + "'\nprint(len(x))";
        Assert.Equal("2000000", (await s_python.RunAsync(large, Token)).Output);
        Assert.Equal("\ufffdx", (await s_python.RunAsync("import sys; sys.stdout.buffer.write(b'\\xffx')", Token)).Output);
    }

    [Fact]
    public async Task The_time_limit_names_its_seconds()
    {
        var python = new PythonTool(new PythonOptions { TimeLimit = TimeSpan.FromSeconds(1.5) });
        ToolResult result = await python.RunAsync("print(1, flush=True)\nwhile True: pass", Token);
        Assert.Equal("[timeout] the code ran longer than 1.5 s and was stopped", result.Output);
        Assert.True(result.TimedOut);
        Assert.Null(result.ExitCode);
    }

    [Fact]
    public async Task Output_is_kept_up_to_its_limit()
    {
        ToolResult result = await new PythonTool(new PythonOptions { MaxOutputBytes = 1000 }).RunAsync("while True: print('x' * 99)", Token);
        Assert.StartsWith("[output limit]", result.Output, StringComparison.Ordinal);
        Assert.InRange(result.Output.Length, 1000, 1200);
        Assert.Equal(1000, (await new PythonTool(new PythonOptions { MaxOutputBytes = 1001 }).RunAsync("print('x' * 1000)", Token)).Output.Length);
    }

    [Fact]
    public async Task Cancelling_ends_every_process()
    {
        await s_python.InspectAsync(Token);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        long started = Stopwatch.GetTimestamp();
        const string Code = "import os, time\nfor _ in range(5):\n    if os.fork() == 0: time.sleep(100)\ntime.sleep(100)";
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => s_python.RunAsync(Code, stop.Token));
        Assert.Equal(stop.Token, error.CancellationToken);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.9, 8);
        Assert.Empty(SandboxRuns.Running());
        Assert.Equal("2", (await s_python.RunAsync("print(1 + 1)", Token)).Output);
    }

    [Fact]
    public async Task Cancelling_at_any_moment_leaves_nothing()
    {
        await s_python.InspectAsync(Token);
        var random = new Random(1);
        // Side by side, so that calls are also stopped while their sandboxes are being made.
        for (int round = LongRuns.Count(usually: 12, atLength: 200); round > 0; round--)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
            {
                using var stop = new CancellationTokenSource(random.Next(400));
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => s_python.RunAsync("import time; time.sleep(100)", stop.Token));
            }));
            Assert.Empty(SandboxRuns.Running());
        }
    }

    [Fact]
    public async Task Many_calls_run_side_by_side()
    {
        string[] results = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i => (await s_python.RunAsync($"print({i} * {i})", Token)).Output));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"{i * i}"), results);
    }

    [Fact]
    public async Task An_interpreter_that_is_not_there_is_named()
    {
        var python = new PythonTool(new PythonOptions { Interpreter = "/no/such/python" });
        ToolUnavailableException error = await Assert.ThrowsAsync<ToolUnavailableException>(() => python.RunAsync("1", Token));
        Assert.Contains("/no/such/python", error.Message, StringComparison.Ordinal);
        Assert.Contains("apt install python3", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Reason, await python.CheckAsync(Token));
        Assert.Contains("true", (await Assert.ThrowsAsync<ToolUnavailableException>(
            () => new PythonTool(new PythonOptions { Interpreter = "true" }).RunAsync("1", Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Five_hundred_calls_leave_nothing()
    {
        await s_python.RunAsync("1", Token);
        int handles = SandboxRuns.OpenHandles(), calls = LongRuns.Count(usually: 500, atLength: 2000);
        string[] files = SandboxRuns.TemporaryFiles();
        for (int done = 0; done < calls; done += 4)
        {
            await Task.WhenAll(Enumerable.Range(done, 4).Select(async i =>
            {
                string code = $"import os\nif os.fork() == 0:\n    os.setsid(); os.execv('/bin/sleep', ['sleep', '100'])\nprint({i})";
                Assert.Equal($"{i}", (await s_python.RunAsync(code, Token)).Output);
            }));
        }

        Assert.Empty(SandboxRuns.Running());
        Assert.Equal(files, SandboxRuns.TemporaryFiles());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.InRange(SandboxRuns.OpenHandles(), 1, handles + 8);
    }

    [Theory]
    [InlineData("TimeLimit")]
    [InlineData("MaxMemoryBytes")]
    [InlineData("MaxProcesses")]
    [InlineData("MaxFileBytes")]
    [InlineData("MaxFolderBytes")]
    [InlineData("MaxOpenFiles")]
    [InlineData("MaxOutputBytes")]
    public void Limits_out_of_range_are_refused(string option) => Assert.Equal(option, Assert.Throws<InvalidOptionException>(() => option switch
    {
        "TimeLimit" => new PythonOptions { TimeLimit = TimeSpan.Zero },
        "MaxMemoryBytes" => new PythonOptions { MaxMemoryBytes = 1 },
        "MaxProcesses" => new PythonOptions { MaxProcesses = 1 },
        "MaxFileBytes" => new PythonOptions { MaxFileBytes = 1 },
        "MaxFolderBytes" => new PythonOptions { MaxFolderBytes = 1 },
        "MaxOpenFiles" => new PythonOptions { MaxOpenFiles = 1 },
        _ => new PythonOptions { MaxOutputBytes = 0 },
    }).Option);
}
