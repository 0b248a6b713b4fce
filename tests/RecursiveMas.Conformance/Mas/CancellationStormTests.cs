using System.Collections.Concurrent;
using System.Diagnostics;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Conformance.Mas;

/// <summary>
/// Many callers of every system at once, of whom some give up at moments drawn at random: over all systems 300 of them. Whoever stays has the answer of the
/// quiet run; whoever leaves is told so, by his own token; nothing stays in memory. At length 5,000 questions.
/// </summary>
[Collection(Alone)]
public sealed class CancellationStormTests
{
    private const string Alone = "Tensors are counted";

    private const int Callers = 32;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The golden systems and the embedded ones.</summary>
    public static IEnumerable<TheoryDataRow<string>> Systems() =>
        [.. Goldens.Subfolders("mas"), .. TinySystemFiles.Systems.Select(name => new TheoryDataRow<string>(name))];

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task Whoever_stays_has_the_quiet_answer_whoever_leaves_disturbs_nobody(string system)
    {
        int systems = Systems().Count(), leaving = Share(300), staying = Share(LongRuns.Count(usually: 200, atLength: 5_000));
        await using MasSystem mas = await LoadAsync(system);
        MasQuestion[] questions = [.. Kinds(mas).Select(kind => new MasQuestion(Question(system)) { Kind = kind })];
        var quiet = new Dictionary<MasQuestion, string>();
        var clock = Stopwatch.StartNew();
        foreach (MasQuestion question in questions)
            quiet[question] = (await mas.AskAsync(question, null, Token)).Text;
        TimeSpan one = clock.Elapsed / questions.Length;
        var random = new Random(7);
        // A moment of a run that shares its steps with others.
        (MasQuestion Question, bool Streams, TimeSpan? Patience)[] callers = [.. Enumerable.Range(0, leaving + staying)
            .Select(place => (
                questions[random.Next(questions.Length)],
                random.Next(2) == 0,
                place < leaving ? one * (random.NextDouble() * 4) : (TimeSpan?)null))
            .OrderBy(_ => random.Next())];
        var ends = new ConcurrentDictionary<string, int>();
        int tenth = callers.Length / 10, half = callers.Length / 2;
        await AskAllAsync(mas, callers[..tenth], quiet, ends);
        Memory start = Memory.Now();
        await AskAllAsync(mas, callers[tenth..half], quiet, ends);
        Memory middle = Memory.Now();
        await AskAllAsync(mas, callers[half..], quiet, ends);
        Memory end = Memory.Now();
        Assert.Equal(leaving + staying, ends.Values.Sum());
        Assert.True(ends["answered"] >= staying, $"{ends["answered"]} of {staying} who stayed were answered");
        Assert.True(
            ends.GetValueOrDefault("left") > leaving / 10,
            $"only {ends.GetValueOrDefault("left")} of {leaving} left before their answers were there");
        // What the callers heard is not all: the system answers as before.
        foreach (MasQuestion question in questions)
            Assert.Equal(quiet[question], (await mas.AskAsync(question, null, Token)).Text);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{system} of {systems}: {ends["answered"]} answered, {ends.GetValueOrDefault("left")} left; " +
            $"{start} after a tenth, {middle} after half, {end} at the end");
        Assert.True(end.Tensors <= start.Tensors, $"{end.Tensors - start.Tensors} tensors are left over");
        // The allocator and the kernels keep something for each shape that they meet, and many callers make many: what grows on has a cause of its own.
        Assert.True(end.Resident - middle.Resident < 60_000_000, $"resident memory grew by {(end.Resident - middle.Resident) / 1e6:0.0} MB in the second half");

        int Share(int of) => (of + systems - 1) / systems;
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task Disposing_ends_every_call_at_any_moment(string system)
    {
        var random = new Random(8);
        for (int run = 0; run < 6; run++)
        {
            MasSystem mas = await LoadAsync(system);
            var question = new MasQuestion(Question(system));
            Task<string>[] calls = [.. Enumerable.Range(0, 12).Select(call => Task.Run(() => EndAsync(mas, question, call % 2 == 0, Token)))];
            await Task.Delay(random.Next(60), Token);
            await mas.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), Token);
            foreach (string end in await Task.WhenAll(calls).WaitAsync(TimeSpan.FromMinutes(1), Token))
                Assert.True(end == nameof(ObjectDisposedException) || !end.EndsWith("Exception", StringComparison.Ordinal), end);
        }
    }

    private static async Task AskAllAsync(
        MasSystem mas,
        IEnumerable<(MasQuestion Question, bool Streams, TimeSpan? Patience)> callers,
        Dictionary<MasQuestion, string> quiet,
        ConcurrentDictionary<string, int> ends) =>
        await Parallel.ForEachAsync(
            callers,
            new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = Token },
            async (caller, _) =>
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
                if (caller.Patience is { } time)
                    patience.CancelAfter(time);
                try
                {
                    Assert.Equal(quiet[caller.Question], await AskAsync(mas, caller.Question, caller.Streams, patience.Token));
                    ends.AddOrUpdate("answered", 1, (_, count) => count + 1);
                }
                catch (OperationCanceledException error) when (caller.Patience is not null && !Token.IsCancellationRequested)
                {
                    Assert.Equal(patience.Token, error.CancellationToken);
                    ends.AddOrUpdate("left", 1, (_, count) => count + 1);
                }
            });

    private static async Task<string> EndAsync(MasSystem mas, MasQuestion question, bool streams, CancellationToken token)
    {
        try
        {
            return await AskAsync(mas, question, streams, token);
        }
        catch (Exception error)
        {
            return error.GetType().Name;
        }
    }

    private static async Task<string> AskAsync(MasSystem mas, MasQuestion question, bool streams, CancellationToken token)
    {
        if (!streams)
            return (await mas.AskAsync(question, null, token)).Text;
        string? text = null;
        await foreach (MasUpdate update in mas.AskStreamingAsync(question, null, token))
            text = (update as AnswerReady)?.Answer.Text ?? text;
        return text!;
    }

    private static Task<MasSystem> LoadAsync(string system) => TinySystemFiles.Systems.Contains(system)
        ? MasSystem.LoadAsync(system, new MasOptions { Device = TestDevice.Name, MaxConcurrency = Callers }, cancellationToken: Token)
        : MasSystem.LoadAsync(
            Goldens.Folder("mas", system),
            new MasOptions
            {
                Device = TestDevice.Name,
                MaxConcurrency = Callers,
                Rounds = 2,
                LatentSteps = 3,
                MaxNewTokens = 6,
                Dtype = ModelDtype.Float32,
                Sampling = new SamplingOptions { DoSample = false },
                AnswerPass = false,
            },
            cancellationToken: Token);

    private static TaskKind[] Kinds(MasSystem mas) =>
        TinySystemFiles.Systems.Contains(mas.Style.Name) ? [TaskKind.Math] : [TaskKind.Math, TaskKind.Choice, TaskKind.Code];

    private static string Question(string system) => system switch
    {
        "sequential_tiny" => "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?",
        "mixture_tiny" => "Who is Jan's friend's boss?",
        _ => "What is 3 + 4? A. 6 B. 7",
    };

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class Order;

    private sealed record Memory(long Tensors, long Heap, long Managed, long Resident)
    {
        public static Memory Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return new Memory(torch.Tensor.TotalCount, NativeMemoryUse.Now(), GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
        }

        public override string ToString() =>
            $"{Tensors} tensors, {Heap / 1e6:0.00} MB in use of the C heap, {Managed / 1e6:0.00} MB managed, {Resident / 1e6:0.0} MB resident";
    }
}
