using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests;

public class MasSystemTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const string Answer = "all done so = 13\n\\boxed{13}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_gets_its_answer_with_usage_and_trace()
    {
        MasAnswer answer = await fixture.System.AskAsync(SystemFixture.Question, Token);
        Assert.Equal(Answer, answer.Text);
        Assert.Equal(FinishReason.EndOfSequence, answer.Finish);
        Assert.Equal(["outer_12", "outer_23", "outer_31", "outer_12", "outer_23", "outer_31", "outer_12", "outer_23"], answer.Trace.Select(hop => hop.Edge));
        Assert.All(answer.Trace, hop => Assert.InRange(hop.MeanNorm, 1, 50));
        Assert.Equal(40, answer.Usage.LatentVectors);
        Assert.Equal(15, answer.Usage.ByAgent["planner"].LatentVectors);
        Assert.Equal(answer.TokenIds.Count, answer.Usage.GeneratedTokens);
        Assert.True(answer.Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_stream_tells_every_stage_step_hop_and_token_and_ends_with_the_answer()
    {
        var updates = new List<MasUpdate>();
        await foreach (MasUpdate update in fixture.System.AskStreamingAsync(SystemFixture.Question, Token))
            updates.Add(update);
        Assert.Equal(9, updates.OfType<StageStarted>().Count());
        Assert.Equal(40, updates.OfType<LatentStepTaken>().Count());
        Assert.Equal(8, updates.OfType<HopCrossed>().Count());
        AnswerReady last = Assert.IsType<AnswerReady>(updates[^1]);
        Assert.Equal(Answer, last.Answer.Text);
        Assert.Equal(Answer, string.Concat(updates.OfType<TokenWritten>().Select(token => token.Text)));
        Assert.Equal(last.Answer.TokenIds, updates.OfType<TokenWritten>().Select(token => token.TokenId!.Value));
    }

    [Fact]
    public async Task A_stream_shows_steps_before_the_answer_is_there()
    {
        await using IAsyncEnumerator<MasUpdate> updates = fixture.System.AskStreamingAsync(SystemFixture.Question, Token).GetAsyncEnumerator(Token);
        Assert.True(await updates.MoveNextAsync());
        Assert.IsType<StageStarted>(updates.Current);
        // Leaving here cancels the run; the next question finds a usable system.
    }

    [Fact]
    public async Task A_stream_goes_through_JSON_as_it_is()
    {
        using var body = new MemoryStream();
        await JsonSerializer.SerializeAsync(body, fixture.System.AskStreamingAsync(SystemFixture.Question, Token), JsonSerializerOptions.Web, Token);
        body.Position = 0;
        List<MasUpdate?> updates = await JsonSerializer.DeserializeAsyncEnumerable<MasUpdate>(body, JsonSerializerOptions.Web, Token).ToListAsync(Token);
        Assert.Equal(
            [typeof(AnswerReady), typeof(HopCrossed), typeof(LatentStepTaken), typeof(StageCompleted), typeof(StageStarted), typeof(TokenWritten)],
            updates.Select(update => update!.GetType()).Distinct().OrderBy(type => type.Name));
        MasAnswer answer = ((AnswerReady)updates[^1]!).Answer;
        Assert.Equal((SystemFixture.Question, "13"), (answer.Question.Text, answer.Extracted?.Value));
        Assert.Equal(answer.Text, string.Concat(updates.OfType<TokenWritten>().Select(token => token.Text)).Trim());
        Assert.Empty(Samples.Differences(answer.Trace, updates.OfType<HopCrossed>()));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)]
    public async Task Cancellation_at_a_latent_step_or_token_leaves_a_usable_system(int afterUpdates)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MasUpdate _ in fixture.System.AskStreamingAsync(
                new MasQuestion(SystemFixture.Question),
                new AskOptions { Rounds = 50 },
                cancel.Token))
            {
                if (++seen == afterUpdates)
                    await cancel.CancelAsync();
            }
        });
        Assert.Equal(Answer, (await fixture.System.AskAsync(SystemFixture.Question, Token)).Text);
    }

    [Fact]
    public async Task A_cancelled_token_is_noticed_before_anything_runs()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fixture.System.AskAsync(SystemFixture.Question, cancel.Token));
    }

    [Fact]
    public async Task Many_questions_keep_their_order_and_equal_single_ones()
    {
        string[] questions =
        [
            SystemFixture.Question,
            "Ida has 1 pens. January loses 1. How many pens?",
            "Max has 15 books. January gets 5. How many books?",
            "Tom has 4 cards. January times 3. February gets 6. March loses 9. April gets 8. May loses 5. June gets 3. July loses 7. How many cards?",
            "Zoe has 7 beads. January gets 2. How many beads?",
        ];
        var single = new List<string>();
        foreach (string question in questions)
            single.Add((await fixture.System.AskAsync(question, Token)).Text);
        foreach (int batch in new[] { 1, 2, 5 })
        {
            IReadOnlyList<MasAnswer> many = await fixture.System
                .AskManyAsync(questions, new AskOptions { MaxConcurrency = batch }, cancellationToken: Token)
                .AnswersAsync();
            Assert.Equal(questions, many.Select(answer => answer.Question.Text));
            Assert.Equal(single, many.Select(answer => answer.Text));
        }
    }

    [Fact]
    public async Task Concurrent_questions_do_not_mix()
    {
        string[] answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(async start =>
            (await fixture.System.AskAsync(new MasQuestion($"Ben has {start} pens. January gets 2. How many pens?"), null, Token)).Text));
        Assert.Equal(Enumerable.Range(3, 8).Select(value => $"all done so = {value}\n\\boxed{{{value}}}"), answers);
    }

    [Fact]
    public async Task A_seed_makes_drawn_texts_repeatable_and_independent_of_the_batch()
    {
        var sampled = new AskOptions { Sampling = new SamplingOptions { DoSample = true, Temperature = 3 }, Seed = 11 };
        MasQuestion[] questions = [.. Enumerable.Range(0, 4).Select(index => new MasQuestion($"Ben has {index + 3} pens. January gets 2. How many pens?"))];
        string[] first = [.. (await fixture.System
            .AskManyAsync(questions, sampled with { MaxConcurrency = 4 }, cancellationToken: Token)
            .AnswersAsync()).Select(answer => answer.Text)];
        string[] again = [.. (await fixture.System
            .AskManyAsync(questions, sampled with { MaxConcurrency = 4 }, cancellationToken: Token)
            .AnswersAsync()).Select(answer => answer.Text)];
        string[] alone = [.. (await fixture.System
            .AskManyAsync(questions, sampled with { MaxConcurrency = 1 }, cancellationToken: Token)
            .AnswersAsync()).Select(answer => answer.Text)];
        string[] other =
        [
            .. (await fixture.System
                .AskManyAsync(questions, sampled with { Seed = 12 }, cancellationToken: Token)
                .AnswersAsync()).Select(answer => answer.Text),
        ];
        Assert.Equal(first, again);
        Assert.Equal(first, alone);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task Marker_and_placeholder_text_in_a_question_is_inserted_literally()
    {
        // "{slot:plan}" and special tokens stand in the question; the graph of slots must not notice.
        MasAnswer answer = await fixture.System.AskAsync("Ben has 3 pens {question} {slot:plan} @@SLOT@@ <|end|>. January gets 2. How many pens?", Token);
        Assert.Equal(8, answer.Trace.Count);
    }

    [Fact]
    public async Task Zero_latent_steps_leave_the_writer_alone_with_empty_slots()
    {
        MasAnswer answer = await fixture.System.AskAsync(new MasQuestion(SystemFixture.Question), new AskOptions { LatentSteps = 0 }, Token);
        Assert.All(answer.Trace, hop => Assert.Equal(0, hop.Shape[0]));
        Assert.Equal(["solver"], answer.Usage.ByAgent.Keys);
    }

    [Fact]
    public async Task The_released_layout_and_a_hub_cache_give_the_same_answer()
    {
        string plain = fixture.CopyFolder(), cache = Directory.CreateTempSubdirectory("recursivemas-hub-").FullName;
        try
        {
            foreach (string repository in Directory.EnumerateDirectories(plain))
                Cache(repository, Path.Combine(cache, $"models--RecursiveMAS--{Path.GetFileName(repository)}"));
            foreach (string folder in new[] { plain, cache })
            {
                await using MasSystem mas = await MasSystem.LoadAsync(folder, cancellationToken: Token);
                Assert.Equal(SystemFixture.Name, mas.Style.Name);
                Assert.Equal(Answer, (await mas.AskAsync(SystemFixture.Question, Token)).Text);
            }

            await using MasSystem byName = await MasSystem.LoadAsync(SystemFixture.Name, new MasOptions { Folder = cache }, cancellationToken: Token);
            Assert.Equal(["planner", "critic", "solver"], byName.Agents.Keys);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Fact]
    public async Task Loading_tells_its_progress()
    {
        var seen = new List<MasLoadProgress>();
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, null, new Listener(seen.Add), cancellationToken: Token);
        Assert.Equal(
            [(1, 4, "planner"), (2, 4, "critic"), (3, 4, "solver"), (4, 4, "links")],
            seen.Where(p => p.Weights is null).Select(p => (p.Done, p.Total, p.Part)));
        int done = 0;
        foreach (string agent in mas.Agents.Keys)
        {
            ModelLoadProgress[] weights = [.. seen.Where(p => p.Part == agent && p.Weights is not null).Select(p => p.Weights!)];
            string repository = Path.Combine(Goldens.RepositoryRoot, "RecursiveMas.TinySystems", "Systems", SystemFixture.Name, mas.Style.Repositories[agent]);
            long file = new FileInfo(Path.Combine(repository, "model.safetensors")).Length;
            // Before the first weight, before each further one, and at the end.
            Assert.True(weights.Length > 20, $"{weights.Length} reports");
            Assert.Equal(0, weights[0].Bytes);
            Assert.True(weights.Zip(weights.Skip(1)).All(pair => pair.First.Bytes <= pair.Second.Bytes));
            Assert.InRange(weights[^1].TotalBytes, file * 9 / 10, file);
            Assert.Equal(weights[^1].TotalBytes, weights[^1].Bytes);
            Assert.All(seen.Where(p => p.Part == agent && p.Weights is not null), p => Assert.Equal(done, p.Done));
            done++;
        }
    }

    [Fact]
    public async Task Dependency_injection_hands_out_one_system_and_keyed_ones()
    {
        var services = new ServiceCollection();
        services.AddRecursiveMas(options => options.Style = SystemFixture.Name);
        services.AddRecursiveMas("short", options =>
        {
            options.Style = SystemFixture.Name;
            options.Rounds = 1;
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        MasSystem mas = await provider.GetRequiredService<MasSystemSource>().GetAsync(Token);
        Assert.Same(mas, provider.GetRequiredService<MasSystem>());
        Assert.Equal(Answer, (await mas.AskAsync(SystemFixture.Question, Token)).Text);
        MasSystem shortOne = await provider.GetRequiredKeyedService<MasSystemSource>("short").GetAsync(Token);
        Assert.Same(shortOne, provider.GetRequiredKeyedService<MasSystem>("short"));
        MasAnswer oneRound = await shortOne.AskAsync(SystemFixture.Question, Token);
        Assert.Equal(1, oneRound.Rounds);
        Assert.EndsWith("\\boxed{20}", oneRound.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_a_loaded_system_do_not_change_afterwards()
    {
        var options = new MasOptions { Rounds = 1 };
        await using MasSystem mas = await MasSystem.LoadAsync(SystemFixture.Name, options, cancellationToken: Token);
        options.Rounds = 3;
        Assert.Equal(1, (await mas.AskAsync(SystemFixture.Question, Token)).Rounds);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task One_real_model_in_all_roles_answers_over_the_text_channel()
    {
        string folder = RealModel.Folder();
        InvalidOptionException latent = await Assert.ThrowsAsync<InvalidOptionException>(() => MasSystem.LoadAsync(folder, cancellationToken: Token));
        Assert.Contains("text channel", latent.Message, StringComparison.OrdinalIgnoreCase);
        await using MasSystem mas = await MasSystem.LoadAsync(
            folder,
            new MasOptions
            {
                Channel = MasChannel.Text,
                Rounds = 1,
                MaxNewTokens = 24,
                Dtype = ModelDtype.Float32,
                Sampling = new SamplingOptions { DoSample = false },
            },
            cancellationToken: Token);
        MasAnswer answer = await mas.AskAsync(new MasQuestion("What is the capital of France?") { Kind = TaskKind.Free }, null, Token);
        Assert.Contains("Paris", answer.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOptionException>(() => mas.AskAsync(new MasQuestion("x"), new AskOptions { Channel = MasChannel.Latent }, Token));
    }

    private static void Cache(string repository, string target)
    {
        const string Commit = "0123456789abcdef0123456789abcdef01234567";
        string blobs = Path.Combine(target, "blobs"), snapshot = Path.Combine(target, "snapshots", Commit), refs = Path.Combine(target, "refs");
        foreach (string folder in new[] { blobs, snapshot, refs })
            Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(refs, "main"), Commit);
        int number = 0;
        foreach (string file in Directory.EnumerateFiles(repository))
        {
            string blob = $"blob{number++}";
            File.Copy(file, Path.Combine(blobs, blob));
            if (OperatingSystem.IsWindows())
                File.Copy(file, Path.Combine(snapshot, Path.GetFileName(file)));
            else
                File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), $"../../blobs/{blob}");
        }
    }

    private sealed class Listener(Action<MasLoadProgress> told) : IProgress<MasLoadProgress>
    {
        public void Report(MasLoadProgress value) => told(value);
    }
}
