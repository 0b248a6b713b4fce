using System.Text;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Tools on sessions of a real model: after a call it holds what it would hold had it read the same anew, and it reads it once.</summary>
[Collection(LiveTensors.Collection)]
public sealed class ToolSessionTests : IAsyncLifetime
{
    private static readonly SamplingOptions s_greedy = new() { DoSample = false };

    private MasSystem? _mas;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private LatentAgent Agent => (LatentAgent)_mas!.Agents["solver"];

    public async ValueTask InitializeAsync() => _mas = await MasSystem.LoadAsync(
        SystemFixture.Name, new MasOptions { Dtype = ModelDtype.Float32 }, cancellationToken: Token);

    public ValueTask DisposeAsync() => _mas!.DisposeAsync();

    [Theory]
    [InlineData("all done", 0)]
    [InlineData("all done so", 1)]
    [InlineData("January gets 19 coins", 2)]
    public async Task What_is_held_after_a_cut_is_what_was_kept(string written, int cutChars)
    {
        AgentPrompt prompt = new(null, [PromptPart.Text("Mia has 4 coins.")]);
        string kept = written[..^cutChars];
        await using IAgentSession session = await Agent.OpenAsync(cancellationToken: Token), anew = await Agent.OpenAsync(cancellationToken: Token);
        int prefix = (await session.ReadAsync(prompt, Token)).Positions;
        long positions = Agent.Steps.Positions;
        WrittenText text = await WriteAsync(session, Forced(written) with { StopRule = () => new EndsAt(kept.Length) });
        Assert.Equal((kept, FinishReason.StopRule), (text.Text, text.Finish));
        Assert.Equal(prefix + text.TokenIds.Count, session.Length);
        PromptRead read = await session.AppendAsync([PromptPart.Given(" <result> 4 </result>")], Token);
        Assert.Equal(prefix + text.TokenIds.Count + read.Positions, session.Length);
        WrittenText after = await WriteAsync(session, new WriteOptions { MaxNewTokens = 6, Sampling = s_greedy });
        // Each position once: what was kept, one more for each token but the last that is sampled, the result.
        int sampled = Agent.Tokenizer.Encode(written, addSpecialTokens: false).Length;
        Assert.InRange(
            Agent.Steps.Positions - positions,
            text.TokenIds.Count + read.Positions + after.TokenIds.Count - 1,
            sampled + text.TokenIds.Count + read.Positions + after.TokenIds.Count);

        await anew.ReadAsync(prompt, Token);
        foreach (int id in text.TokenIds)
            await WriteAsync(anew, new WriteOptions { MaxNewTokens = 1, Sampling = s_greedy with { LogitsProcessors = [new Only([id])] } });
        await anew.AppendAsync([PromptPart.Given(" <result> 4 </result>")], Token);
        Assert.Equal(anew.Length, session.Length - after.TokenIds.Count);
        Assert.Equal(after.TokenIds, (await WriteAsync(anew, new WriteOptions { MaxNewTokens = 6, Sampling = s_greedy })).TokenIds);
    }

    [Theory]
    [InlineData("January gets 19 coins")]
    [InlineData("a")]
    public async Task A_token_that_its_rule_drops_whole_was_never_written(string written)
    {
        AgentPrompt prompt = new(null, [PromptPart.Text("Mia has 4 coins.")]);
        int[] ids = Agent.Tokenizer.Encode(written, addSpecialTokens: false);
        await using IAgentSession session = await Agent.OpenAsync(cancellationToken: Token), anew = await Agent.OpenAsync(cancellationToken: Token);
        await session.ReadAsync(prompt, Token);
        var pieces = new StringBuilder();
        WrittenText text = await WriteAsync(session, Forced(written) with { StopRule = () => new Drops(ids.Length), StopSequences = ["19 apples"] }, pieces);
        Assert.Equal((Agent.Tokenizer.Decode(ids[..^1]), FinishReason.StopRule), (text.Text, text.Finish));
        Assert.Equal(ids[..^1], text.TokenIds);
        Assert.Equal(text.Text, pieces.ToString());

        await anew.ReadAsync(prompt, Token);
        foreach (int id in text.TokenIds)
            await WriteAsync(anew, new WriteOptions { MaxNewTokens = 1, Sampling = s_greedy with { LogitsProcessors = [new Only([id])] } });
        Assert.Equal(anew.Length, session.Length);
        await using IAgentSession asked = session.Fork();
        await asked.AppendAsync([PromptPart.Given(" <result> 4 </result>")], Token);
        var after = new WriteOptions { MaxNewTokens = 6, Sampling = s_greedy };
        IReadOnlyList<int> expected = (await WriteAsync(await AppendedAsync(anew), after)).TokenIds;
        Assert.Equal(expected, (await WriteAsync(asked, after)).TokenIds);
        Assert.Equal((await WriteAsync(anew, after)).TokenIds, (await WriteAsync(session, after)).TokenIds);

        async Task<IAgentSession> AppendedAsync(IAgentSession of)
        {
            IAgentSession fork = of.Fork();
            await fork.AppendAsync([PromptPart.Given(" <result> 4 </result>")], Token);
            return fork;
        }
    }

    [Fact]
    public async Task A_real_model_calls_a_tool_and_reads_its_result()
    {
        const string Text = "<echo>19</echo> all done so = 13";
        int[] ids = Agent.Tokenizer.Encode(Text, addSpecialTokens: false);
        var question = new MasQuestion(SystemFixture.Question);
        var asked = new List<string>();
        var echo = new MasTool("echo", (input, _) =>
        {
            asked.Add(input);
            return Task.FromResult($"<|im_end|>{input}");
        });
        var options = new AskOptions
        {
            Tools = new ToolOptions { Tools = [echo] },
            MaxNewTokens = ids.Length + 8,
            AnswerPass = false,
            Sampling = new SamplingOptions { DoSample = false, LogitsProcessors = [new Script(Agent.Tokenizer, Text)] },
        };
        MasAnswer answer = await _mas!.AskAsync(question, options, Token);
        Assert.Equal(["19"], asked);
        Assert.StartsWith("<echo>19</echo> <result> <|im_end|>19 </result>", answer.Text, StringComparison.Ordinal);
        Assert.Equal("19", Assert.Single(answer.Tools!.Calls).Input);
        Assert.True(answer.Tools.Calls[0].PositionsRead > 0);
        Assert.Null((await _mas.AskAsync(question, cancellationToken: Token)).Tools);
    }

    private static async Task<WrittenText> WriteAsync(IAgentSession session, WriteOptions options, StringBuilder? pieces = null)
    {
        WrittenText? written = null;
        await foreach (WriteUpdate update in session.WriteAsync(options, Token))
        {
            written = update.Completed ?? written;
            pieces?.Append(update.Text);
        }

        return written!;
    }

    private WriteOptions Forced(string text)
    {
        int[] ids = Agent.Tokenizer.Encode(text, addSpecialTokens: false);
        return new WriteOptions { MaxNewTokens = 99, Sampling = new SamplingOptions { DoSample = false, LogitsProcessors = [new Only([.. ids, .. ids])] } };
    }

    private static void Allow(Span<float> logits, int id)
    {
        logits.Fill(float.NegativeInfinity);
        logits[id] = 0;
    }

    /// <summary>Writes given tokens.</summary>
    private sealed class Only(int[] ids) : ILogitsProcessor
    {
        public void Process(LogitsContext context, Span<float> logits) => Allow(logits, ids[context.NewTokens]);
    }

    /// <summary>Writes a text up to its first call, and then as it likes.</summary>
    private sealed class Script(HuggingFaceTokenizer tokenizer, string text) : ILogitsProcessor
    {
        private readonly int[] _ids = tokenizer.Encode(text, addSpecialTokens: false);
        private int _written;

        public void Process(LogitsContext context, Span<float> logits)
        {
            if (context.NewTokens >= _written && _written < _ids.Length)
                Allow(logits, _ids[_written++]);
        }
    }

    /// <summary>Ends a text before its n-th token.</summary>
    private sealed class Drops(int token) : IStopRule
    {
        private int _taken;

        public int? Append(string piece) => ++_taken == token ? 0 : null;
    }

    /// <summary>Ends a text at a length.</summary>
    private sealed class EndsAt(int length) : IStopRule
    {
        private int _taken;

        public int? Append(string piece)
        {
            _taken += piece.Length;
            return _taken >= length ? piece.Length - (_taken - length) : null;
        }
    }
}
