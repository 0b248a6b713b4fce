using System.Text.Json;
using RecursiveMas.Styles.Tests.QuickStart;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Styles.Tests;

/// <summary>What a run leaves in its trace, and the files that QuickStart makes of it.</summary>
public sealed class TraceTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_hop_says_what_it_was_before_its_link_and_how_it_differs_from_the_round_before()
    {
        MasAnswer answer = await fixture.System.AskAsync(new MasQuestion(SystemFixture.Question), new AskOptions { Rounds = 3 }, Token);
        Assert.Equal(8, answer.Trace.Count);
        TimeSpan last = default;
        foreach (HopCrossed hop in answer.Trace)
        {
            Assert.True(hop.NormsBefore is { Smallest: > 0 } before && before.Smallest <= before.Mean && before.Mean <= before.Largest);
            Assert.NotEqual(hop.MeanNorm, hop.NormsBefore.Mean);
            Assert.Equal(hop.Round == 1, hop.Cosine is null);
            Assert.InRange(hop.Cosine ?? 0, -1.0001, 0.99999);
            Assert.True(hop.Elapsed >= last && hop.Elapsed <= answer.Duration);
            Assert.Null(hop.ReadOut);
            Assert.Null(hop.Text);
            last = hop.Elapsed;
        }
    }

    [Fact]
    public async Task Thoughts_are_read_out_on_request_and_stay_what_they_are()
    {
        var question = new MasQuestion(SystemFixture.Question);
        MasAnswer quiet = await fixture.System.AskAsync(question, new AskOptions(), Token);
        MasAnswer answer = await fixture.System.AskAsync(question, new AskOptions { ReadOutTokens = 3 }, Token);
        Assert.Equal(quiet.TokenIds, answer.TokenIds);
        Assert.All(answer.Trace, hop =>
        {
            Assert.Equal(hop.Shape[0], hop.ReadOut!.Count);
            Assert.All(hop.ReadOut, step =>
            {
                Assert.Equal(3, step.Count);
                Assert.Equal(step.OrderByDescending(token => token.Probability), step);
                Assert.True(step.Sum(token => token.Probability) is > 0 and <= 1.0001);
            });
        });
    }

    [Fact]
    public async Task The_read_out_is_what_the_output_head_says()
    {
        var agent = (LatentAgent)fixture.System.Agents["planner"];
        using var states = new LatentBlock(randn([4, agent.HiddenSize], generator: new Generator(7)));
        IReadOnlyList<IReadOnlyList<NearToken>> read = (await agent.ReadOutAsync(states, 2, Token))!;
        float[] likely = await agent.Steps.UseModelAsync(
            model => model.Logits(states.Values.to(model.Dtype)).to_type(ScalarType.Float32).softmax(-1).data<float>().ToArray(), Token);
        int size = likely.Length / 4;
        for (int step = 0; step < 4; step++)
        {
            int[] best = [.. Enumerable.Range(0, size).OrderByDescending(id => likely[(step * size) + id]).Take(2)];
            Assert.Equal(best, read[step].Select(token => token.Id));
            Assert.Equal(best.Select(id => (double)likely[(step * size) + id]), read[step].Select(token => token.Probability));
            Assert.Equal(best.Select(id => agent.Tokenizer.Decode([id], false)), read[step].Select(token => token.Text));
        }

        Assert.Empty((await agent.ReadOutAsync(LatentBlock.Empty(agent.HiddenSize), 2, Token))!);
        await Assert.ThrowsAsync<InvalidOptionException>(async () => await agent.ReadOutAsync(states, 0, Token));
        await Assert.ThrowsAsync<InvalidOptionException>(() =>
            fixture.System.AskAsync(new MasQuestion(SystemFixture.Question), new AskOptions { ReadOutTokens = -1 }, Token));
    }

    [Fact]
    public async Task Over_text_the_trace_holds_what_was_said()
    {
        MasAnswer answer = await fixture.System.AskAsync(
            new MasQuestion(SystemFixture.Question), new AskOptions { Channel = MasChannel.Text, Rounds = 1, MaxNewTokens = 4 }, Token);
        Assert.All(answer.Trace, hop => Assert.True(hop is { Text: not null, Dtype: null, NormsBefore: null, Cosine: null }));
    }

    [Fact]
    public async Task QuickStart_writes_the_page_and_lines_with_what_thoughts_read_like()
    {
        string page = Path.GetTempFileName(), lines = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(page, new string('x', 1_000_000), Token);
            Assert.Equal(
                0,
                await new RecordedScreen().RunAsync(Token, "--trace-html", page, "--trace", lines, "--read-out", "2", SystemFixture.Question));
            string html = await File.ReadAllTextAsync(page, Token);
            Assert.StartsWith("<!doctype html>", html, StringComparison.Ordinal);
            Assert.Contains($"<title>Trace: {SystemFixture.Question[..60]}", html, StringComparison.Ordinal);
            Assert.EndsWith("</html>\n", html, StringComparison.Ordinal);
            Assert.Equal(8, html.Split("<g class=\"hop ").Length - 1);
            foreach (string line in await File.ReadAllLinesAsync(lines, Token))
            {
                JsonElement hop = JsonDocument.Parse(line).RootElement;
                Assert.Equal((5, 2), (hop.GetProperty("readOut").GetArrayLength(), hop.GetProperty("readOut")[0].GetArrayLength()));
                Assert.Equal(hop.GetProperty("round").GetInt32() == 1, hop.GetProperty("cosine").ValueKind == JsonValueKind.Null);
                Assert.True(hop.GetProperty("meanNormBefore").GetDouble() > 0 && hop.GetProperty("seconds").GetDouble() > 0);
            }
        }
        finally
        {
            File.Delete(page);
            File.Delete(lines);
        }
    }

    [Fact]
    public async Task Auto_takes_the_device_that_is_there_and_says_so()
    {
        var lines = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var log = new LineLoggers(lines.Enqueue);
        await using MasSystem mas =
            await MasSystem.LoadAsync(SystemFixture.Name, new MasOptions { Device = "auto" }, loggerFactory: log, cancellationToken: Token);
        string device = cuda.is_available() ? "cuda:0" : "cpu";
        Assert.Contains(lines, line => line.Contains($"planner computes on {device}, which was chosen automatically", StringComparison.Ordinal));
    }
}
