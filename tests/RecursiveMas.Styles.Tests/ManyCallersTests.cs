using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>Whoever else is asking, a question has the answer that it has alone. The long form asks 500 questions.</summary>
[Collection(LiveTensors.Collection)]
public sealed class ManyCallersTests
{
    private static readonly string[] s_names = ["Mia", "Tom", "Zoe", "Ben"];
    private static readonly string[] s_things = ["coins", "cards", "beads", "pens"];
    private static readonly string[] s_people = ["Ben", "Jan", "Ida", "Mia", "Tom"];
    private static readonly string[] s_relations = ["boss", "friend's boss", "boss's boss", "friend"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sequential_tiny", 1)]
    [InlineData("mixture_tiny", 2)]
    public async Task Questions_at_once_have_the_answers_of_questions_alone(string system, int seed)
    {
        var random = new Random(seed);
        int count = LongRuns.Wanted ? 250 : 24;
        await using MasSystem mas = await MasSystem.LoadAsync(
            system, new MasOptions { Device = TestDevice.Name, MaxConcurrency = 32 }, cancellationToken: Token);
        string[] questions = [.. Enumerable.Range(0, count).Select(_ => Question(system, random))];
        var alone = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string question in questions.Distinct())
            alone[question] = (await mas.AskAsync(question, Token)).Text;
        long before = torch.Tensor.TotalCount;

        // Some come late, some give up.
        (int Delay, int? GivesUp)[] callers = [.. questions.Select(_ => (random.Next(40), random.Next(4) == 0 ? random.Next(120) : (int?)null))];
        int answered = 0, gone = 0;
        foreach (int[] group in Enumerable.Range(0, count).Chunk(32))
        {
            await Task.WhenAll(group.Select(async place =>
            {
                await Task.Delay(callers[place].Delay, Token);
                using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
                if (callers[place].GivesUp is { } patience)
                    caller.CancelAfter(patience);
                try
                {
                    Assert.Equal(alone[questions[place]], (await mas.AskAsync(questions[place], caller.Token)).Text);
                    Interlocked.Increment(ref answered);
                }
                catch (OperationCanceledException) when (caller.IsCancellationRequested && !Token.IsCancellationRequested)
                {
                    Interlocked.Increment(ref gone);
                }
            }));
        }

        Assert.Equal(count, answered + gone);
        Assert.True(answered >= count / 2, $"only {answered} of {count} were answered");
        TensorChecks.NoMoreLiveThan(before);
    }

    [Fact]
    public async Task More_questions_than_places_wait_or_are_refused()
    {
        await using MasSystem mas = await MasSystem.LoadAsync(
            "sequential_tiny", new MasOptions { Device = TestDevice.Name, MaxConcurrency = 1, MaxQueue = 1 }, cancellationToken: Token);
        using var stop = new CancellationTokenSource();
        Task<MasAnswer> running = mas.AskAsync(new MasQuestion(SystemFixture.Question), new AskOptions { Rounds = 500 }, stop.Token);
        Task<MasAnswer> waiting = mas.AskAsync(SystemFixture.Question, Token);
        OverloadedException refusal = await Assert.ThrowsAsync<OverloadedException>(() => mas.AskAsync(SystemFixture.Question, Token));
        Assert.Equal((1, 1), (refusal.Running, refusal.Waiting));
        Assert.False(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.EndsWith("\\boxed{13}", (await waiting).Text, StringComparison.Ordinal);
    }

    private static string Question(string system, Random random)
    {
        if (system == "mixture_tiny")
            return $"Who is {s_people[random.Next(s_people.Length)]}'s {s_relations[random.Next(s_relations.Length)]}?";
        string thing = s_things[random.Next(s_things.Length)];
        string[] months = ["January", "February", "March"];
        IEnumerable<string> entries = months
            .Take(random.Next(1, 4))
            .Select(month => $"{month} {(random.Next(2) == 0 ? "gets" : "loses")} {random.Next(1, 5)}.");
        return $"{s_names[random.Next(s_names.Length)]} has {random.Next(5, 20)} {thing}. {string.Join(' ', entries)} How many {thing}?";
    }
}
