using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>How calls end: by the caller's token, by disposing, or with an answer; and what they hold up meanwhile.</summary>
public sealed class LifetimeTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways() => new("one", "many", "stream");

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_cancelled_call_names_the_callers_token(string way)
    {
        using var cancel = new CancellationTokenSource();
        await using MasSystem mas = HookedPrompts.Load((agent, round) =>
        {
            if (agent == "critic" && round == 2)
                cancel.Cancel();
        });
        Task asked = AskAsync(mas, way, cancel.Token);
        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        Assert.Equal(cancel.Token, error.CancellationToken);
        Assert.True(asked.IsCanceled);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_call_of_a_disposed_system_says_so(string way)
    {
        MasSystem? running = null;
        Task disposing = Task.CompletedTask;
        MasSystem mas = HookedPrompts.Load((agent, round) =>
        {
            if (agent == "critic" && round == 2)
                disposing = running!.DisposeAsync().AsTask();
        });
        running = mas;
        using var caller = new CancellationTokenSource();
        ObjectDisposedException error = await Assert.ThrowsAsync<ObjectDisposedException>(() => AskAsync(mas, way, caller.Token));
        Assert.Contains(nameof(MasSystem), error.ObjectName, StringComparison.Ordinal);
        await disposing.WaitAsync(s_patience, Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AskAsync(mas, way, Token));
    }

    [Fact]
    public async Task Every_disposing_waits_for_what_runs()
    {
        using var reached = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        MasSystem mas = HookedPrompts.Load((agent, round) =>
        {
            if (agent != "critic" || round != 1)
                return;
            reached.Set();
            goOn.Wait(s_patience);
        });
        Task asked = AskAsync(mas, "one", Token);
        Assert.True(reached.Wait(s_patience, Token));
        Task first = mas.DisposeAsync().AsTask(), second = mas.DisposeAsync().AsTask();
        await Task.WhenAny(first, second, Task.Delay(100, Token));
        Assert.False(first.IsCompleted || second.IsCompleted);
        goOn.Set();
        await Task.WhenAll(first, second).WaitAsync(s_patience, Token);
        Assert.True(asked.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asked);
        await mas.DisposeAsync();
    }

    [Fact]
    public async Task Updates_come_while_later_steps_have_not_begun()
    {
        using var seen = new ManualResetEventSlim();
        bool waited = true;
        await using MasSystem mas = HookedPrompts.Load((agent, round) =>
        {
            if (agent == "critic" && round == 1)
                waited = seen.Wait(s_patience);
        });
        int steps = 0, planned = 0;
        await foreach (MasUpdate update in mas.AskStreamingAsync(SystemFixture.Question, Token))
        {
            steps += update is LatentStepTaken ? 1 : 0;
            planned += update is LatentStepTaken { Agent: "planner", Round: 1 } ? 1 : 0;
            // The critic cannot begin before all of the planner's steps have been seen here.
            if (planned == 5)
                seen.Set();
        }

        Assert.True(waited, "No update came before the run was over.");
        Assert.Equal((5, 40), (planned, steps));
    }

    [Fact]
    public async Task Reading_links_holds_up_neither_the_caller_nor_other_questions()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A pipe that nobody writes to holds a reader up.");
        string folder = fixture.CopyFolder();
        await using MasSystem mas = await MasSystem.LoadAsync(folder, cancellationToken: Token);
        string pipe = Path.Combine(Directory.GetDirectories(folder, "*Planner*")[0], "innerlink_config.json");
        File.Delete(pipe);
        Shell($"mkfifo '{pipe}'");
        using var cancel = new CancellationTokenSource();
        var code = new MasQuestion(SystemFixture.Question) { Kind = TaskKind.Code };
        try
        {
            Task<MasAnswer>[] waiting =
                await Task.Run(() => new[] { mas.AskAsync(code, null, Token), mas.AskAsync(code, null, cancel.Token) }, Token).WaitAsync(s_patience, Token);
            Assert.EndsWith("\\boxed{13}", (await mas.AskAsync(SystemFixture.Question, Token).WaitAsync(s_patience, Token)).Text, StringComparison.Ordinal);
            await cancel.CancelAsync();
            OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[1].WaitAsync(s_patience, Token));
            Assert.Equal(cancel.Token, error.CancellationToken);
            Assert.False(waiting[0].IsCompleted);
            Task disposing = mas.DisposeAsync().AsTask();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting[0].WaitAsync(s_patience, Token));
            Assert.False(disposing.IsCompleted);
        }
        finally
        {
            // Whoever waits finds the file empty, whoever comes later finds none.
            Shell($"exec 3<>'{pipe}'; rm '{pipe}'");
        }
    }

    [Fact]
    public async Task A_device_is_one_device_however_it_is_written()
    {
        string planner = Directory.GetDirectories(fixture.CopyFolder(), "*Planner*")[0];
        var options = new MasOptions { Channel = MasChannel.Text, Device = "cpu", AgentDevices = { ["critic"] = "cpu:0" } };
        Assert.Equal(["cpu"], MasSystem.EstimateMemory(planner, options).PeakByDevice.Keys);
        Assert.Equal(MasSystem.EstimateMemory(planner, new MasOptions { Channel = MasChannel.Text }).Peak, MasSystem.EstimateMemory(planner, options).Peak);
        var log = new Log();
        await using MasSystem mas = await MasSystem.LoadAsync(planner, options, loggerFactory: log, cancellationToken: Token);
        Assert.Equal(
            ["critic shares its weights with planner", "solver shares its weights with planner"],
            log.Messages.Where(message => message.Contains("shares", StringComparison.Ordinal)));
        log.Messages.Clear();
        // One pool for both ways of writing: two models of different agents are never in memory together.
        await using MasSystem one = await MasSystem.LoadAsync(
            SystemFixture.Name, new MasOptions { Residency = ModelResidency.OneAtATime, AgentDevices = { ["critic"] = "cpu:0" } }, loggerFactory: log,
            cancellationToken: Token);
        Assert.Equal(["planner makes room", "critic makes room"], log.Messages.Where(message => message.EndsWith("makes room", StringComparison.Ordinal)));
    }

    private static async Task AskAsync(MasSystem mas, string way, CancellationToken token)
    {
        switch (way)
        {
            case "one":
                await mas.AskAsync(SystemFixture.Question, token);
                break;
            case "many":
                await foreach (MasResult _ in mas.AskManyAsync([SystemFixture.Question, SystemFixture.Question], cancellationToken: token))
                {
                }

                break;
            default:
                await foreach (MasUpdate _ in mas.AskStreamingAsync(SystemFixture.Question, token))
                {
                }

                break;
        }
    }

    private static void Shell(string command)
    {
        using Process process = Process.Start("/bin/sh", ["-c", command]);
        Assert.True(process.WaitForExit(s_patience) && process.ExitCode == 0, command);
    }

    private sealed class Log : ILoggerFactory, ILogger
    {
        public List<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Add(formatter(state, exception));

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
