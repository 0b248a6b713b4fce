using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace RecursiveMas.Styles.Tests.Hosting;

/// <summary>How a host loads its systems, what it says meanwhile, and what becomes of a system that cannot be loaded.</summary>
public sealed class WarmUpTests(SystemFixture fixture) : IClassFixture<SystemFixture>, IDisposable
{
    private const string Check = "recursivemas";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly HostLog _log = new();
    private readonly ManualResetEventSlim _goOn = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _log.Dispose();
        _goOn.Dispose();
    }

    [Fact]
    public async Task A_host_runs_while_its_system_is_still_being_loaded()
    {
        HoldAt("2 of 4 parts are loaded");
        using IHost host = Build(system => system.WarmUp());
        await host.StartAsync(Token).WaitAsync(s_patience, Token);
        MasSystemSource source = host.Source();
        Assert.True(SpinWait.SpinUntil(() => source.Progress is { Done: 2, Weights: null }, s_patience));
        Assert.Equal((MasSystemState.Loading, null), (source.State, source.Error));
        Assert.False(source.TryGet(out _));

        SystemNotReadyException early = Assert.Throws<SystemNotReadyException>(host.Services.GetRequiredService<MasSystem>);
        Assert.Equal(MasSystemState.Loading, early.State);
        Assert.Contains("still being loaded (2 of 4 parts)", early.Message, StringComparison.Ordinal);
        HealthReportEntry health = await host.HealthAsync(Check, Token);
        Assert.Equal((HealthStatus.Unhealthy, "'sequential_tiny' is being loaded: 2 of 4 parts."), (health.Status, health.Description));
        Assert.Contains("ready", health.Tags);

        using var impatient = new CancellationTokenSource();
        Task<MasSystem> waiting = source.GetAsync(impatient.Token), patient = source.GetAsync(Token);
        await impatient.CancelAsync();
        Assert.Equal(impatient.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting)).CancellationToken);
        Assert.False(patient.IsCompleted);

        _goOn.Set();
        MasSystem mas = await patient.WaitAsync(s_patience, Token);
        Assert.Equal(MasSystemState.Ready, source.State);
        Assert.Same(mas, host.Services.GetRequiredService<MasSystem>());
        health = await host.HealthAsync(Check, Token);
        Assert.Equal((HealthStatus.Healthy, "cpu"), (health.Status, health.Data["devices"]));
        Assert.Equal(
            ["is being loaded", "1 of 4", "2 of 4", "3 of 4", "4 of 4"],
            _log.From(LogLevel.Information)
                .Where(line => line.StartsWith("'sequential_tiny'", StringComparison.Ordinal) && !line.Contains("loaded in", StringComparison.Ordinal))
                .Select(line => line["'sequential_tiny'".Length..].Trim(':', ' ').Replace(" parts are loaded", "", StringComparison.Ordinal)));
        await host.StopAsync(Token);
        Assert.Equal(MasSystemState.Ready, source.State);
        host.Dispose();
        Assert.Equal(MasSystemState.Disposed, source.State);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => source.GetAsync(Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => mas.AskAsync(SystemFixture.Question, Token));
    }

    [Fact]
    public async Task A_host_can_wait_for_its_systems_one_after_another()
    {
        using IHost host = HostedSystem.Build(_log, builder =>
        {
            builder.Services.AddRecursiveMas("people", options => options.Style = "mixture_tiny").WarmUp(how => how.BeforeStart = true);
            builder.Services.AddRecursiveMas(options => options.Style = SystemFixture.Name).WarmUp(how => how.BeforeStart = true);
            builder.Services.AddRecursiveMas("idle", options => options.Style = SystemFixture.Name).AddHealthCheck();
        });
        await host.StartAsync(Token);
        Assert.Equal((MasSystemState.Ready, MasSystemState.Ready), (host.Source("people").State, host.Source().State));
        IEnumerable<string> order = _log.From(LogLevel.Information)
            .Where(line => line.Contains("loaded in", StringComparison.Ordinal))
            .Select(line => line.Split('\'')[1]);
        Assert.Equal(["mixture_tiny", "sequential_tiny"], order);
        // What nobody warms up is loaded by who first wants it, who does not wait for it on a thread.
        Assert.Equal(MasSystemState.NotLoaded, host.Source("idle").State);
        Assert.Equal(HealthStatus.Degraded, (await host.HealthAsync("recursivemas:idle", Token)).Status);
        Assert.Throws<SystemNotReadyException>(() => host.Services.GetRequiredKeyedService<MasSystem>("idle"));
        Assert.Same(await host.Source("idle").GetAsync(Token), host.Services.GetRequiredKeyedService<MasSystem>("idle"));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_host_that_waits_for_a_system_that_cannot_be_loaded_does_not_start()
    {
        string folder = fixture.CopyFolder();
        File.Delete(Path.Combine(Directory.GetDirectories(folder, "*Critic*")[0], "model.safetensors"));
        using IHost host = Build(system => system.WarmUp(how => how.BeforeStart = true), folder);
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => host.StartAsync(Token));
        Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Error && line.Text.Contains("could not be loaded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_failed_is_reported_and_tried_again()
    {
        string folder = fixture.CopyFolder(), file = Path.Combine(Directory.GetDirectories(folder, "*Critic*")[0], "model.safetensors");
        File.Move(file, file + ".away");
        using IHost host = Build(system => system.WarmUp(how => how.RetryDelay = TimeSpan.FromMilliseconds(200)), folder);
        await host.StartAsync(Token);
        MasSystemSource source = host.Source();
        CheckpointException error = await Assert.ThrowsAsync<CheckpointException>(() => source.GetAsync(Token));
        Assert.Contains("model.safetensors", error.Message, StringComparison.Ordinal);
        HealthReportEntry health = await host.HealthAsync(Check, Token);
        while (health.Description!.EndsWith("being loaded.", StringComparison.Ordinal))
            health = await host.HealthAsync(Check, Token);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Contains("could not be loaded:", health.Description, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", health.Description, StringComparison.Ordinal);
        Assert.IsType<CheckpointException>(health.Exception);

        File.Move(file + ".away", file);
        // Nobody asks: the host tries again by itself.
        Assert.True(SpinWait.SpinUntil(() => source.State == MasSystemState.Ready, s_patience));
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync(Check, Token)).Status);
        Assert.InRange(_log.Lines.Count(line => line.Level == LogLevel.Error), 1, 20);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Until_the_next_try_everybody_learns_at_once_why_the_last_one_failed()
    {
        string folder = fixture.CopyFolder(), file = Path.Combine(Directory.GetDirectories(folder, "*Critic*")[0], "model.safetensors");
        File.Move(file, file + ".away");
        using IHost host = Build(system => system.WarmUp(how => how.RetryDelay = Timeout.InfiniteTimeSpan), folder);
        await host.StartAsync(Token);
        MasSystemSource source = host.Source();
        Exception first = await Assert.ThrowsAsync<CheckpointException>(() => source.GetAsync(Token));
        File.Move(file + ".away", file);
        Exception[] later = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Assert.ThrowsAsync<CheckpointException>(() => source.GetAsync(Token))));
        Assert.All(later, error => Assert.Same(first, error));
        SystemNotReadyException refused = Assert.Throws<SystemNotReadyException>(host.Services.GetRequiredService<MasSystem>);
        Assert.Equal((MasSystemState.Failed, first), (refused.State, refused.InnerException));
        Assert.Single(_log.Lines, line => line.Level == LogLevel.Error);
        Assert.Throws<InvalidOptionException>(() => new MasWarmUpOptions { RetryDelay = TimeSpan.Zero });
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_host_that_stops_while_it_loads_tells_those_who_wait()
    {
        HoldAt("1 of 4 parts are loaded");
        IHost host = Build(system => system.WarmUp());
        await host.StartAsync(Token);
        MasSystemSource source = host.Source();
        Task<MasSystem>[] waiting = [.. Enumerable.Range(0, 8).Select(_ => source.GetAsync(Token))];
        Assert.True(SpinWait.SpinUntil(() => source.Progress is { Done: 1, Weights: null }, s_patience));
        await host.StopAsync(Token).WaitAsync(s_patience, Token);
        Task disposing = Task.Run(host.Dispose, Token);
        Assert.True(SpinWait.SpinUntil(() => source.State == MasSystemState.Disposed, s_patience));
        Assert.False(disposing.IsCompleted);
        _goOn.Set();
        await disposing.WaitAsync(s_patience, Token);
        foreach (Task<MasSystem> one in waiting)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one);
        Assert.DoesNotContain(_log.Lines, line => line.Level >= LogLevel.Error);
    }

    [Fact]
    public async Task A_host_that_is_disposed_ends_what_runs_before_it_lets_go_of_what_that_needs()
    {
        IHost host = Build(system => system.WarmUp(how => how.BeforeStart = true));
        await host.StartAsync(Token);
        MasSystem mas = host.Services.GetRequiredService<MasSystem>();
        int begun = 0;
        _log.Writing = text =>
        {
            if (text.Contains("is asked", StringComparison.Ordinal))
                Interlocked.Increment(ref begun);
        };
        Task<MasAnswer>[] running = [.. Enumerable.Range(0, 24).Select(_ =>
            Task.Run(() => mas.AskAsync(new MasQuestion(SystemFixture.Question), new AskOptions { Rounds = 2_000 }, Token)))];
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref begun) == 24, s_patience));
        await host.StopAsync(Token);
        // Stopping is not disposing: who runs may finish.
        Assert.DoesNotContain(running, one => one.IsCompleted);
        await ((IAsyncDisposable)host).DisposeAsync().AsTask().WaitAsync(s_patience, Token);
        Assert.All(running, one => Assert.True(one.IsCompleted));
        foreach (Task<MasAnswer> one in running)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one);
        // The log was still open when the last of them wrote into it.
        Assert.True(_log.Disposed);
        Assert.Equal(24, _log.Lines.Count(line => line.Text.Contains("left a question without an answer", StringComparison.Ordinal)));
    }

    private void HoldAt(string words) => _log.Writing = text =>
    {
        if (text.Contains(words, StringComparison.Ordinal))
            Assert.True(_goOn.Wait(s_patience));
    };

    private IHost Build(Func<IMasBuilder, IMasBuilder> how, string? folder = null) => HostedSystem.Build(
        _log,
        builder => how(builder.Services.AddRecursiveMas(options => (options.Style, options.Folder) = (SystemFixture.Name, folder))).AddHealthCheck());
}
