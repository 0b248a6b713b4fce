using System.Diagnostics;
using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>The code of docs/telemetry.md runs under OpenTelemetry, and the page has every name.</summary>
public sealed class TelemetryDocTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_and_measurements_reach_OpenTelemetry()
    {
        Readme.RequireSameBlocks("docs/telemetry.md", "tests/RecursiveMas.Extensions.AI.Tests/TelemetryDocTests.cs");
        (List<Activity> spans, List<Metric> metrics) = await AskAsync();
        Assert.Contains(spans, span => span.DisplayName == "invoke_workflow small_talk");
        Assert.Contains(spans, span => span.DisplayName == "invoke_agent adviser");
        Assert.Contains(metrics, metric => metric.Name == MasTelemetry.RequestDuration);
    }

    [Fact]
    public void The_page_has_every_name()
    {
        string page = File.ReadAllText(Path.Combine(Goldens.RepositoryRoot, "docs", "telemetry.md"));
        string[] names = [.. typeof(MasTelemetry).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];
        Assert.All(names.Where(name => name.Contains('.', StringComparison.Ordinal)), name => Assert.Contains(name, page, StringComparison.Ordinal));
    }

    private static async Task<(List<Activity> Spans, List<Metric> Metrics)> AskAsync()
    {
        List<Activity> spans = [];
        List<Metric> metrics = [];
        await using MasSystem mas = await SmallTalk.LoadAsync(SmallTalk.Speaker(_ => "Hello"));
        // DOC
        using TracerProvider tracer = Sdk.CreateTracerProviderBuilder().AddSource(MasTelemetry.SourceName).AddInMemoryExporter(spans).Build();
        using MeterProvider meter = Sdk.CreateMeterProviderBuilder().AddMeter(MasTelemetry.SourceName).AddInMemoryExporter(metrics).Build();
        // END
        await mas.AskAsync(new MasQuestion("Hi") { Kind = TaskKind.Free }, null, Token);
        meter.ForceFlush();
        lock (spans)
            return ([.. spans], metrics);
    }
}
