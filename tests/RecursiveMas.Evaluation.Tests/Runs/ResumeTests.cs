using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Runs;

/// <summary>A run that ends before its end goes on and comes to the same files.</summary>
public sealed class ResumeTests(TinyRun shared) : IClassFixture<TinyRun>
{
    private static CancellationToken Token => TinyRun.Token;

    [Fact]
    public async Task A_run_that_was_ended_again_and_again_comes_to_the_same_files_but_for_times()
    {
        using var folder = new TemporaryFolder();
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 10);
        // Drawn, so that a question that got the random numbers of another would show.
        var options = new EvaluationOptions
        {
            Variants = TinyRun.AllVariants,
            BatchSize = 8,
            Rollouts = 2,
            Sampling = new SamplingOptions { DoSample = true, Temperature = 1.5 },
        };
        await EvaluationRun.RunAsync(shared.Mas, questions, options, folder.Path("whole"), cancellationToken: Token);

        int sessions = 0;
        for (bool ended = false; !ended; sessions++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            int left = 23;
            var progress = new Listener(_ =>
            {
                if (--left == 0)
                    stop.Cancel();
            });
            try
            {
                await EvaluationRun.RunAsync(shared.Mas, questions, options, folder.Path("parts"), progress, stop.Token);
                ended = true;
            }
            catch (OperationCanceledException)
            {
                Tear(folder.Path("parts"));
            }
        }

        Assert.InRange(sessions, 4, 8);
        Assert.Equal(TinyRun.WithoutTimes(folder.Path("whole")), TinyRun.WithoutTimes(folder.Path("parts")));
        Assert.Equal(Enumerable.Range(0, 10), TinyRun.Read(folder.Path("parts/alone.jsonl")).Rows.Select(row => (int)row["sample_idx"]!));
        RunManifest manifest = RunManifest.Load(folder.Path("parts"));
        Assert.Equal(sessions, manifest.Content["sessions"]!.AsArray().Count);
        // Nothing but the torn lines and the neighbours of shuffled questions was asked twice.
        Assert.InRange(manifest.Content["sessions"]!.AsArray().Sum(session => (int)session!["questions_asked"]!), 10 * 9, (10 * 9) + sessions);
    }

    [Fact]
    public async Task A_run_that_is_complete_asks_nothing()
    {
        using var folder = new TemporaryFolder();
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 4);
        await EvaluationRun.RunAsync(shared.Mas, questions, new EvaluationOptions(), folder.Path("run"), cancellationToken: Token);
        byte[] before = await File.ReadAllBytesAsync(folder.Path("run/latent-r3-m5.jsonl"), Token);
        EvaluationResult again = await EvaluationRun.RunAsync(shared.Mas, questions, new EvaluationOptions(), folder.Path("run"), cancellationToken: Token);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.Path("run/latent-r3-m5.jsonl"), Token));
        Assert.Equal(0, (int)again.Manifest.Content["sessions"]![1]!["questions_asked"]!);
        // More variants may be added to it.
        EvaluationOptions more = new() { Variants = [new EvaluationVariant(EvaluationMethod.None, 3, 5)] };
        await EvaluationRun.RunAsync(shared.Mas, questions, more, folder.Path("run"), cancellationToken: Token);
        Assert.Equal(["none-r3", "latent-r3-m5"], EvaluationResult.Load(folder.Path("run")).Variants.Select(one => one.Variant.Name));
    }

    [Fact]
    public async Task Another_run_and_a_damaged_file_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        string run = folder.Path("run"), file = folder.Path("run/latent-r3-m5.jsonl");
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 4);
        Task Go(EvaluationOptions? options = null, QuestionSet? other = null) =>
            EvaluationRun.RunAsync(shared.Mas, other ?? questions, options ?? new EvaluationOptions(), run, cancellationToken: Token);
        async Task RefusedAsync(string message, EvaluationOptions? options = null, QuestionSet? other = null) =>
            Assert.Contains(message, (await Assert.ThrowsAsync<ResultsException>(() => Go(options, other))).Message, StringComparison.Ordinal);

        await Go();
        await RefusedAsync("options.seed is 42 there and 43 here", new EvaluationOptions { Seed = 43 });
        await RefusedAsync("options.sampling.temperature is", new EvaluationOptions { Sampling = new SamplingOptions { Temperature = 0.1 } });
        await RefusedAsync("options.answer_pass_tokens is nothing there and 24 here", new EvaluationOptions { AnswerPassTokens = 24 });
        await RefusedAsync("options.enable_thinking is false there and true here", new EvaluationOptions { EnableThinking = true });
        await RefusedAsync("questions.count is 4 there and 3 here", null, TinyQuestions.Draw("sequential_tiny", 3));
        string[] lines = await File.ReadAllLinesAsync(file, Token);
        foreach ((string[] damaged, string message) in ((string[], string)[])
            [
                ([lines[0], lines[1], "{\"sample_idx\"", lines[2]], "Line 3 is no JSON object"),
                ([lines[0], lines[0]], "line 2 answers question 0 once more"),
                ([lines[0], lines[^1]], "3 of 4 questions have no line"),
                ([.. lines, lines[0]], "line 6 stands behind the summary"),
                ([lines[0].Replace("\"sample_idx\":0", "\"sample_idx\":4", StringComparison.Ordinal)], "has no 'sample_idx' from 0 to 3"),
                ([lines[0].Replace("\"run\":\"", "\"run\":\"0", StringComparison.Ordinal)], "belongs to a run with other settings"),
            ])
        {
            await File.WriteAllLinesAsync(file, damaged, Token);
            await RefusedAsync(message);
        }

        // Values of other kinds than a run writes.
        foreach (string strange in (string[])["{\"run\":5}", "{\"run\":{}}", $"{{\"run\":\"{(string)RunManifest.Load(run).Run}\",\"type\":{{}}}}"])
        {
            await File.WriteAllTextAsync(file, strange + "\n", Token);
            await RefusedAsync("line 1 ");
        }

        await File.WriteAllLinesAsync(file, lines[..2], Token);
        using (RecursiveMas.Runs.RunFolder.Open(run, RunManifest.Load(run)))
            await RefusedAsync("another run writes into this folder");
        File.Delete(Path.Combine(run, RunManifest.FileName));
        await RefusedAsync("there is no manifest.json beside it");
    }

    [Theory]
    [InlineData("run", null, "5")]
    [InlineData("questions", "count", "\"many\"")]
    [InlineData("questions", "count", "0")]
    [InlineData("questions", "wording", "null")]
    [InlineData("options", "num_rollouts", "null")]
    [InlineData("options", "sampling", "[]")]
    [InlineData("system", "agents", "7")]
    [InlineData("sessions", null, "[]")]
    [InlineData("variants", null, "[{\"method\": \"X\", \"rounds\": 1, \"latent_steps\": 1}]")]
    [InlineData("variants", null, "[{\"method\": \"77\", \"rounds\": 1, \"latent_steps\": 1}]")]
    [InlineData("variants", null, "[{\"method\": \"Latent\", \"rounds\": 0, \"latent_steps\": 1}]")]
    [InlineData("variants", null, "[null]")]
    [InlineData("variants", null, "[\"x\"]")]
    [InlineData("variants", null, "null")]
    [InlineData("sessions", null, "{}")]
    [InlineData("sessions", null, "[null]")]
    [InlineData("sessions", null, "[\"x\"]")]
    [InlineData("sessions", null, "[{ \"machine\": {}, \"seconds\": \"long\" }]")]
    public async Task A_manifest_with_the_right_hash_that_is_none_is_refused(string part, string? inside, string json)
    {
        using var folder = new TemporaryFolder();
        await EvaluationRun.RunAsync(
            shared.Mas, TinyQuestions.Draw("sequential_tiny", 2), new EvaluationOptions(), folder.Path("run"), cancellationToken: Token);
        string path = folder.Path("run/manifest.json");
        var content = (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(path, Token))!;
        if (inside is null)
            content[part] = System.Text.Json.Nodes.JsonNode.Parse(json);
        else
            content[part]![inside] = System.Text.Json.Nodes.JsonNode.Parse(json);
        if (part != "run")
            content["run"] = RunManifest.RunOf(content);
        await File.WriteAllTextAsync(path, content.ToJsonString(), Token);
        Assert.Throws<ResultsException>(() => EvaluationResult.Load(folder.Path("run")));
        if (!json.Contains("method", StringComparison.Ordinal))
        {
            await Assert.ThrowsAsync<ResultsException>(() => EvaluationRun.RunAsync(
                shared.Mas, TinyQuestions.Draw("sequential_tiny", 2), new EvaluationOptions(), folder.Path("run"), cancellationToken: Token));
        }

        await File.WriteAllTextAsync(path, "no json", Token);
        ResultsException error = Assert.Throws<ResultsException>(() => EvaluationResult.Load(folder.Path("run")));
        Assert.EndsWith("Write into another folder.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_line_is_cut_off_before_another_follows_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Path("results.jsonl");
        File.WriteAllText(path, "{\"sample_idx\":0,\"run\":\"r\"}\n{\"sample_idx\":1,\"ru");
        using (var file = RecursiveMas.Results.ResultFile.Open(path, "r", 3))
            file.Append(2, new System.Text.Json.Nodes.JsonObject { ["sample_idx"] = 2, ["run"] = "r" });
        Assert.Equal(["{\"sample_idx\":0,\"run\":\"r\"}", "{\"sample_idx\":2,\"run\":\"r\"}"], File.ReadAllLines(path));
        using var again = RecursiveMas.Results.ResultFile.OpenRead(path, "r", 3);
        Assert.Equal([0, 2], again.Done);
    }

    [Fact]
    public async Task Progress_counts_every_question_and_knows_what_is_left()
    {
        using var folder = new TemporaryFolder();
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 10);
        EvaluationOptions options = new() { Variants = EvaluationVariant.Plan([1, 2], [5]), BatchSize = 4 };
        var seen = new List<EvaluationProgress>();
        EvaluationResult result = await EvaluationRun.RunAsync(
            shared.Mas, questions, options, folder.Path("run"), new Listener(seen.Add), Token);
        Assert.Equal(20, seen.Count);
        Assert.Equal([.. Enumerable.Range(1, 10), .. Enumerable.Range(1, 10)], seen.Select(one => one.Done));
        Assert.Equal((2, 2, 10), (seen[^1].Place, seen[^1].Variants, seen[^1].Questions));
        Assert.Equal(TimeSpan.Zero, seen[^1].Remaining);
        Assert.All(seen[..^1], one => Assert.True(one.Remaining > TimeSpan.Zero && one.Remaining < TimeSpan.FromMinutes(1)));
        Assert.Equal(result.Variants[1].Summary.Strict.Questions.Successes, seen[^1].StrictCorrect);
        Assert.Equal(result.Variants[0].Summary.Reference.Questions.Successes, seen[9].ReferenceCorrect);
    }

    [Fact]
    public void Groups_of_neighbours_are_the_same_however_often_a_run_goes_on()
    {
        for (int batch = 3; batch < 9; batch++)
        {
            for (int questions = 2; questions < 60; questions++)
            {
                var plan = new RecursiveMas.Runs.AskPlan(
                    new EvaluationOptions { BatchSize = batch }, new EvaluationVariant(EvaluationMethod.Shuffled, 1, 1), samples: false);
                int[][] all = [.. plan.Calls(questions, [])];
                Assert.Equal(Enumerable.Range(0, questions), all.SelectMany(group => group));
                Assert.All(all, group => Assert.InRange(group.Length, 2, batch));
                Assert.Equal(all.Where(group => group.Contains(questions - 1)), plan.Calls(questions, [.. Enumerable.Range(0, questions - 1)]));
                Assert.Empty(plan.Calls(questions, [.. Enumerable.Range(0, questions)]));
            }
        }
    }

    /// <summary>Does to the last line what a process does that is killed while it writes: leaves half of it.</summary>
    private static void Tear(string folder)
    {
        string last = Directory.GetFiles(folder, "*.jsonl").MaxBy(File.GetLastWriteTimeUtc)!;
        using var file = new FileStream(last, FileMode.Open);
        if (file.Length > 10)
            file.SetLength(file.Length - 10);
    }

    private sealed class Listener(Action<EvaluationProgress> heard) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => heard(value);
    }
}
