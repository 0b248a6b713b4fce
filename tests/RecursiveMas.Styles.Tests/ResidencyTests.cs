using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Which models stay in memory changes memory and time, never the answer.</summary>
[Collection(LiveTensors.Collection)]
public sealed class ResidencyTests
{
    private static readonly string[] s_questions = [SystemFixture.Question, "Zoe has 7 beads. January gets 2. How many beads?"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Systems() => new("sequential_tiny", "mixture_tiny");

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task The_answers_are_the_same_and_models_make_room(string system)
    {
        long largest = MasSystem.EstimateMemory(system).Agents.Values.Max(Weights);
        (string[] expected, int loads, long tensors) = await RunAsync(system, ModelResidency.All);
        Assert.Equal(0, loads);
        (string[] one, int oneLoads, long oneTensors) = await RunAsync(system, ModelResidency.OneAtATime);
        (string[] two, int twoLoads, long twoTensors) = await RunAsync(system, ModelResidency.Budget(2 * largest));
        (string[] wide, int wideLoads, _) = await RunAsync(system, ModelResidency.Budget(100 * largest));
        Assert.All(new[] { one, two, wide }, texts => Assert.Equal(expected, texts));
        int agents = system == "sequential_tiny" ? 3 : 4;
        Assert.Equal(agents, wideLoads);
        Assert.True(oneLoads > twoLoads && twoLoads > wideLoads, $"{oneLoads}, {twoLoads}, {wideLoads}");
        Assert.True(oneTensors < twoTensors && twoTensors < tensors, $"{oneTensors}, {twoTensors}, {tensors}");
    }

    [Fact]
    public async Task A_budget_that_a_model_does_not_fit_into_is_refused()
    {
        InvalidOptionException error = await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(
            "sequential_tiny",
            new MasOptions { Residency = ModelResidency.Budget(1000) },
            cancellationToken: Token));
        Assert.Contains("planner", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionException>(() => ModelResidency.Budget(0));
    }

    [Fact]
    public async Task Nothing_stays_after_disposing()
    {
        await RunAsync("sequential_tiny", ModelResidency.OneAtATime);
        long before = torch.Tensor.TotalCount;
        await RunAsync("sequential_tiny", ModelResidency.OneAtATime);
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public void Memory_is_estimated_without_loading()
    {
        long tensors = torch.Tensor.TotalCount;
        MasMemoryEstimate all = MasSystem.EstimateMemory("sequential_tiny"),
            one = MasSystem.EstimateMemory("sequential_tiny", new MasOptions { Residency = ModelResidency.OneAtATime });
        TensorChecks.NoMoreLiveThan(tensors);
        Assert.Equal(["planner", "critic", "solver"], all.Agents.Keys);
        Assert.Equal("cpu", Assert.Single(all.PeakByDevice).Key);
        Assert.Equal(all.Agents.Values.Sum(Weights) - all.Agents.Values.Max(Weights), all.Peak - one.Peak);
        Assert.True(all.Links > 0 && all.Agents["solver"].WritingCache > 0 && all.Agents["planner"].WritingCache == 0);
        long batch = MasSystem.EstimateMemory("sequential_tiny", null, new MemoryWorkload { BatchSize = 8 }).Peak;
        Assert.True(batch > all.Peak);
    }

    private static long Weights(MemoryEstimate model) => model.ResidentWeights;

    private static async Task<(string[] Texts, int Loads, long Tensors)> RunAsync(string system, ModelResidency residency)
    {
        long before = torch.Tensor.TotalCount;
        int loads = 0;
        using var loggers = new LineLoggers(line =>
        {
            if (line.EndsWith("is loaded", StringComparison.Ordinal))
                Interlocked.Increment(ref loads);
        });
        await using MasSystem mas = await MasSystem.LoadAsync(
            system,
            new MasOptions { Residency = residency },
            loggerFactory: loggers,
            cancellationToken: Token);
        string[] questions = system == "sequential_tiny" ? s_questions : ["Who is Jan's friend's boss?", "Who is Ben's boss?"];
        foreach (string question in questions)
            await mas.AskAsync(question, cancellationToken: Token);
        // Which models callers side by side ask for next is chance.
        int counted = loads;
        string[] texts = [.. (await mas.AskManyAsync(questions, cancellationToken: Token).AnswersAsync()).Select(answer => answer.Text)];
        return (texts, counted, torch.Tensor.TotalCount - before);
    }
}
