using System.Globalization;
using RecursiveMas.Agents;
using RecursiveMas.Models.Tests.Native;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.RealModel;

/// <summary>Sessions of a real model that come, think, write and go at random say what each says alone. The long form has 60 of them.</summary>
[Trait("Category", "Long")]
[Collection(LiveTensors.Collection)]
public sealed class ManySessionsTests
{
    private const int LatentSteps = 6, Tokens = 20, AtOnce = 8;

    private static readonly string[] s_asked = ["the tides", "a bicycle", "the number seven", "old maps", "bread", "winter", "a lighthouse", "glass"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sessions_at_once_write_the_texts_of_sessions_alone()
    {
        CheckpointFolder folder = CheckpointFolder.FromDirectory(Testing.RealModel.Folder());
        using ICausalLanguageModel model = CausalLanguageModel.Load(folder, new ModelLoadOptions { Dtype = ModelDtype.Float32 }, cancellationToken: Token);
        using var steps = new StepScheduler(model);
        using var inner = new NormedLink(model.Configuration.HiddenSize);
        var agent = new LatentAgent("writer", steps, ChatTokenizer.Load(folder, parseSpecialTokens: false, TimeProvider.System), inner);
        var random = new Random(3);
        string[] questions = [.. Enumerable.Range(0, LongRuns.Wanted ? 60 : 10).Select(_ => Question(random))];
        var alone = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string question in questions.Distinct())
            alone[question] = await AnswerAsync(agent, question, Token);
        long before = Tensor.TotalCount, stepsAlone = steps.Steps, rowsAlone = steps.Rows;

        int answered = 0, gone = 0;
        foreach (string[] group in questions.Chunk(AtOnce))
        {
            await Task.WhenAll(group.Select(async question =>
            {
                (int delay, int? patience) = (random.Next(300), random.Next(5) == 0 ? random.Next(1500) : null);
                await Task.Delay(delay, Token);
                using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
                if (patience is { } limit)
                    caller.CancelAfter(limit);
                try
                {
                    Assert.Equal(alone[question], await AnswerAsync(agent, question, caller.Token));
                    Interlocked.Increment(ref answered);
                }
                catch (OperationCanceledException) when (caller.IsCancellationRequested && !Token.IsCancellationRequested)
                {
                    Interlocked.Increment(ref gone);
                }
            }));
        }

        Assert.Equal(questions.Length, answered + gone);
        Assert.True(answered >= questions.Length / 2, $"only {answered} of {questions.Length} were answered");
        Assert.True(steps.Rows - rowsAlone > 1.5 * (steps.Steps - stepsAlone), "few steps were shared");
        TensorChecks.NoMoreLiveThan(before);
    }

    private static async Task<string> AnswerAsync(LatentAgent agent, string question, CancellationToken cancellationToken)
    {
        await using var session = (ILatentSession)await agent.OpenAsync(cancellationToken: cancellationToken);
        var prompt = new AgentPrompt("You are brief.", [PromptPart.Text(question)]);
        await session.ReadAsync(prompt, new Dictionary<string, LatentBlock>(), cancellationToken);
        (await session.ThinkAsync(LatentSteps, null, cancellationToken)).Dispose();
        WrittenText? written = null;
        await foreach (WriteUpdate update in session.WriteAsync(
            new WriteOptions { MaxNewTokens = Tokens, Sampling = new SamplingOptions { DoSample = false, MinNewTokens = Tokens } },
            cancellationToken))
        {
            written = update.Completed ?? written;
        }

        return written!.Text;
    }

    private static string Question(Random random) => string.Create(
        CultureInfo.InvariantCulture,
        $"Say {random.Next(2, 9)} things about {s_asked[random.Next(s_asked.Length)]}{string.Concat(Enumerable.Repeat(", please", random.Next(6)))}.");

    /// <summary>States at about the size of embeddings: something that a model can go on from.</summary>
    private sealed class NormedLink(int width) : IRecursiveLink
    {
        public string AdapterType => "normed";

        public int InputSize => width;

        public int OutputSize => width;

        public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
        {
            using var scope = NewDisposeScope();
            Tensor size = states.Values.norm(1, keepdim: true); // [m, 1]
            return new LatentBlock((states.Values / size).mul(tensor(2f)).to_type(outputDtype).MoveToOuterDisposeScope());
        }

        public void Dispose()
        {
        }
    }
}
