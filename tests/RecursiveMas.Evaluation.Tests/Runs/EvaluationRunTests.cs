using System.Text.Json.Nodes;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Runs;

public sealed class EvaluationRunTests(TinyRun shared) : IClassFixture<TinyRun>
{
    private static CancellationToken Token => TinyRun.Token;

    [Fact]
    public async Task Rounds_help_and_controls_fall_to_chance()
    {
        using var folder = new TemporaryFolder();
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 45);
        EvaluationResult result = await EvaluationRun.RunAsync(
            shared.Mas, questions, new EvaluationOptions { Variants = TinyRun.AllVariants, BatchSize = 16 }, folder.Path("run"), cancellationToken: Token);
        Dictionary<string, VariantSummary> summaries = result.Variants.ToDictionary(one => one.Variant.Name, one => one.Summary);
        Assert.Equal(
            ["latent-r3-m5", "latent-r1-m5", "latent-r2-m5", "text-r3", "alone", "none-r3", "zero-r3-m5", "noise-r3-m5", "shuffled-r3-m5"],
            summaries.Keys);
        double Strict(string name) => summaries[name].Strict.Questions.Rate;
        Assert.InRange(Strict("latent-r3-m5"), 0.85, 1);
        Assert.InRange(Strict("latent-r2-m5"), Strict("latent-r1-m5") + 0.1, Strict("latent-r3-m5") - 0.1);
        Assert.All(["none-r3", "zero-r3-m5", "noise-r3-m5", "shuffled-r3-m5", "alone"], control => Assert.InRange(Strict(control), 0, 0.25));
        Assert.Equal(5 * 8, summaries["latent-r3-m5"].LatentSteps);
        Assert.Equal(0, summaries["none-r3"].LatentSteps);
        Assert.All(summaries.Values, summary => Assert.Equal((45, 1, 0), (summary.Questions, summary.Rollouts, summary.Failed.Successes)));

        // Everything that was returned can be read again.
        EvaluationResult read = EvaluationResult.Load(folder.Path("run"));
        Assert.Equal(result.Variants.Select(one => one.Variant), read.Variants.Select(one => one.Variant));
        Assert.Equal(
            result.Variants.Select(one => (one.Summary.Strict.Questions, one.Summary.Reference.Questions, one.Summary.Seconds)),
            read.Variants.Select(one => (one.Summary.Strict.Questions, one.Summary.Reference.Questions, one.Summary.Seconds)));
        JsonNode session = read.Manifest.Content["sessions"]![0]!;
        Assert.Equal(45 * 9, (int)session["questions_asked"]!);
        Assert.InRange((double)session["model_seconds"]!, 0.05 * (double)session["seconds"]!, (double)session["seconds"]!);
    }

    [Fact]
    public async Task A_row_holds_what_the_reference_writes_and_both_verdicts()
    {
        using var folder = new TemporaryFolder();
        await EvaluationRun.RunAsync(
            shared.Mas, TinyQuestions.Draw("sequential_tiny", 5), new EvaluationOptions(), folder.Path("run"), cancellationToken: Token);
        (JsonObject[] rows, JsonObject summary) = TinyRun.Read(folder.Path("run/latent-r3-m5.jsonl"));
        Assert.Equal(Enumerable.Range(0, 5), rows.Select(row => (int)row["sample_idx"]!));
        Assert.All(rows, row =>
        {
            Assert.Equal(
                [
                    "sample_idx", "dataset", "dataset_split", "method", "mas_shape", "latent_steps", "question", "gold_answer_raw", "run", "variant",
                    "num_recursive_rounds", "question_id", "task", "rollout_idx", "sample_seed", "gold_answer_parsed", "pred_answer_parsed", "correct",
                    "gold_norm", "pred_norm", "reference", "strict", "raw_output", "answer_pass", "stop_reason", "tool_calls", "prompt_tokens",
                    "latent_steps_run", "tokens_generated", "stages", "seconds",
                ],
                row.Select(field => field.Key));
            Assert.Equal(("sequential_tiny", "test", "ours_recursive", "chain", 5, 42, 0), (
                (string)row["dataset"]!, (string)row["dataset_split"]!, (string)row["method"]!, (string)row["mas_shape"]!, (int)row["latent_steps"]!,
                (int)row["sample_seed"]!, (int)row["rollout_idx"]!));
            Assert.Equal(
                ((string)row["raw_output"]!).EndsWith($"\\boxed{{{row["gold_answer_raw"]}}}", StringComparison.Ordinal),
                (bool)row["correct"]!);
            Assert.Equal((bool)row["correct"]!, (bool)row["strict"]!["correct"]!);
            Assert.StartsWith("intpart:", (string)row["gold_norm"]!, StringComparison.Ordinal);
            Assert.Equal(9, row["stages"]!.AsArray().Count);
            Assert.Equal(40, row["stages"]!.AsArray().Sum(stage => (int)stage!["latent_steps"]!));
        });
        Assert.Equal(
            [
                "type", "dataset", "dataset_split", "method", "mas_shape", "latent_steps", "num_samples", "num_rollouts", "sample_seed_base",
                "per_rollout_num_correct", "per_rollout_accuracy", "num_correct", "accuracy", "pass_at_k", "run", "variant", "system",
                "num_recursive_rounds", "reference", "strict", "rates", "means",
            ],
            summary.Select(field => field.Key));
        Assert.Equal(("summary", 5, 1, 42), (
            (string)summary["type"]!, (int)summary["num_samples"]!, (int)summary["num_rollouts"]!, (int)summary["sample_seed_base"]!));
        Assert.Equal(rows.Count(row => (bool)row["correct"]!) * 20.0, (double)summary["accuracy"]!);
    }

    [Fact]
    public async Task Rollouts_share_their_thoughts_and_are_the_answers_of_their_seeds()
    {
        using var folder = new TemporaryFolder();
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 4);
        var warm = new SamplingOptions { DoSample = true, Temperature = 3 };
        EvaluationResult result = await EvaluationRun.RunAsync(
            shared.Mas, questions, new EvaluationOptions { Rollouts = 4, Seed = 7, Sampling = warm }, folder.Path("run"), cancellationToken: Token);
        (JsonObject[] rows, JsonObject summary) = TinyRun.Read(folder.Path("run/latent-r3-m5.jsonl"));
        Assert.Equal(4, summary["per_rollout_accuracy"]!.AsArray().Count);
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonObject row in rows)
        {
            // The thoughts of one run, whatever the number of answers.
            Assert.Equal(40, (int)row["latent_steps_run"]!);
            JsonArray rollouts = row["rollouts"]!.AsArray();
            Assert.Equal([7L, 8, 9, 10], rollouts.Select(rollout => (long)rollout!["sample_seed"]!));
            Assert.Equal(rollouts.Any(rollout => (bool)rollout!["correct"]!), (bool)row["pass_at_k_correct"]!);
            Assert.Equal((string?)rollouts[0]!["gold_answer_parsed"], (string?)row["gold_answer_parsed"]);
            foreach (JsonNode? rollout in rollouts)
            {
                MasAnswer alone = await shared.Mas.AskAsync(
                    questions.Questions[(int)row["sample_idx"]!].ToMasQuestion(),
                    new AskOptions { Seed = (long)rollout!["sample_seed"]!, Sampling = warm },
                    Token);
                Assert.Equal(alone.Text, (string)rollout["raw_output"]!);
                texts.Add(alone.Text);
            }
        }

        Assert.True(texts.Count > 8, "the answers were hardly drawn");
        VariantSummary sums = Assert.Single(result.Variants).Summary;
        Assert.Equal(4, sums.Strict.Rollouts.Count);
        Assert.InRange(sums.Strict.Mean, 0, sums.Strict.Questions.Rate);
    }

    [Fact]
    public async Task Without_draws_the_first_answer_stands_for_all()
    {
        using var folder = new TemporaryFolder();
        EvaluationResult result = await EvaluationRun.RunAsync(
            shared.Mas, TinyQuestions.Draw("sequential_tiny", 3), new EvaluationOptions { Rollouts = 3 }, folder.Path("run"), cancellationToken: Token);
        (JsonObject[] rows, _) = TinyRun.Read(folder.Path("run/latent-r3-m5.jsonl"));
        Assert.All(rows, row => Assert.Single(row["rollouts"]!.AsArray().Select(rollout => (string)rollout!["raw_output"]!).Distinct()));
        Assert.All(rows, row => Assert.Equal([42L, 43, 44], row["rollouts"]!.AsArray().Select(rollout => (long)rollout!["sample_seed"]!)));
        Assert.InRange(result.Variants[0].Summary.GeneratedTokens, 5, 14);
    }

    [Fact]
    public async Task A_question_that_fails_counts_as_wrong_and_disturbs_no_other()
    {
        using var folder = new TemporaryFolder();
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 3);
        questions = questions with
        {
            Questions =
            [
                questions.Questions[0], questions.Questions[1] with { Text = string.Concat(Enumerable.Repeat("coins ", 5000)) }, questions.Questions[2],
            ],
        };
        EvaluationResult result = await EvaluationRun.RunAsync(shared.Mas, questions, new EvaluationOptions(), folder.Path("run"), cancellationToken: Token);
        (JsonObject[] rows, _) = TinyRun.Read(folder.Path("run/latent-r3-m5.jsonl"));
        Assert.Contains("positions", (string)rows[1]["error"]!, StringComparison.Ordinal);
        Assert.Equal(new Proportion(1, 3), result.Variants[0].Summary.Failed);
        Assert.Equal([true, false, true], result.Variants[0].Questions.Select(question => question.Error is null));
    }

    [Fact]
    public async Task Programs_are_tried_side_by_side_and_both_verdicts_are_kept()
    {
        using var folder = new TemporaryFolder();
        QuestionSet questions = TinyQuestions.Draw("sequential_tiny", 8);
        questions = questions with
        {
            Questions =
            [
                .. questions.Questions.Select(question =>
                    question with { Kind = TaskKind.Code, Comparison = null, Tests = new AssertionTests("assert f(1) == 1"), FunctionName = "f" }),
            ],
        };
        var judge = new SlowJudge();
        // A system whose prompts speak of code, without links for it.
        var options = new EvaluationOptions { Variants = [new EvaluationVariant(EvaluationMethod.Text, 1, 0)], CodeJudge = judge };
        await using MasSystem mas = await MasSystem.LoadAsync(
            "sequential_tiny",
            new MasOptions { Device = TestDevice.Name, Prompts = PromptCatalogue.BuiltIn("sequential"), MaxNewTokens = 4, AnswerPass = false },
            cancellationToken: Token);
        await Assert.ThrowsAsync<InvalidOptionException>(
            () => EvaluationRun.RunAsync(mas, questions, options with { CodeJudge = null }, folder.Path("none"), cancellationToken: Token));
        EvaluationResult result = await EvaluationRun.RunAsync(
            mas, questions, options, folder.Path("run"), cancellationToken: Token);
        (JsonObject[] rows, _) = TinyRun.Read(folder.Path("run/text-r1.jsonl"));
        Assert.All(rows, row => Assert.Null(row["error"]));
        Assert.InRange(judge.Most, 2, 8);
        Assert.Equal("SlowJudge", (string)result.Manifest.Content["options"]!["code_judge"]!);
        using var real = new CodeJudge(new CodeJudgeOptions { ScriptSeconds = 7, ResultsAreData = true });
        ResultsException refused = await Assert.ThrowsAsync<ResultsException>(
            () => EvaluationRun.RunAsync(mas, questions, options with { CodeJudge = real }, folder.Path("run"), cancellationToken: Token));
        Assert.Contains("\"CodeJudge, 7 s a script, 6 s an input, results are data\" here", refused.Message, StringComparison.Ordinal);
        Assert.All(rows, row =>
        {
            Assert.Equal("x = 1", (string)row["pred_code_parsed"]!);
            Assert.True((bool)row["parse_ok"]! && (bool)row["correct"]! && !(bool)row["strict"]!["correct"]!);
            Assert.Equal(
                ["all_passed", "passed_tests", "total_tests", "failed_test_index", "error_type", "detail"], row["eval"]!.AsObject().Select(field => field.Key));
            Assert.Equal("RE", (string)row["strict_eval"]!["error_type"]!);
        });
        Assert.Equal((8, 0), (result.Variants[0].Summary.Reference.Questions.Successes, result.Variants[0].Summary.Strict.Questions.Successes));
    }

    [Fact]
    public async Task The_manifest_names_every_file_by_its_hash_and_the_settings()
    {
        using var folder = new TemporaryFolder();
        EvaluationResult result = await EvaluationRun.RunAsync(
            shared.Mas, TinyQuestions.Draw("sequential_tiny", 2), new EvaluationOptions(), folder.Path("run"), cancellationToken: Token);
        JsonObject content = result.Manifest.Content;
        foreach ((string agent, CheckpointFolder files) in shared.Mas.AgentFolders)
        {
            JsonArray listed = content["system"]!["agents"]![agent]!["files"]!.AsArray();
            Assert.Equal(files.Files.Order(StringComparer.Ordinal), listed.Select(file => (string)file!["path"]!));
            Assert.All(listed, file => Assert.Equal(
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(files.ReadAllBytes((string)file!["path"]!, 1 << 24))),
                (string)file["sha256"]!));
        }

        Assert.Equal(4, content["system"]!["links"]!["files"]!.AsArray().Count);
        Assert.Equal(PromptCatalogue.BuiltIn("sequential-tiny").Hash, (string)content["system"]!["prompts"]!["sha256"]!);
        Assert.False((bool)content["questions"]!["wording"]!["is_published"]!);
        Assert.Equal((2, 14), ((int)content["questions"]!["count"]!, (int)content["options"]!["max_new_tokens"]!));
        Assert.Equal(16, result.Manifest.Run.Length);
        Assert.Equal(result.Manifest.Run, RunManifest.Load(folder.Path("run")).Run);
        // Another text, another run.
        QuestionSet other = TinyQuestions.Draw("sequential_tiny", 2, seed: 1);
        EvaluationResult another = await EvaluationRun.RunAsync(shared.Mas, other, new EvaluationOptions(), folder.Path("other"), cancellationToken: Token);
        Assert.NotEqual(result.Manifest.Run, another.Manifest.Run);
    }

    [Fact]
    public async Task A_run_that_cannot_end_well_is_refused_before_it_begins()
    {
        using var folder = new TemporaryFolder();
        QuestionSet two = TinyQuestions.Draw("sequential_tiny", 2);
        var shuffled = new EvaluationVariant(EvaluationMethod.Shuffled, 3, 5);
        foreach ((EvaluationOptions options, QuestionSet questions, string message) in ((EvaluationOptions, QuestionSet, string)[])
            [
                (new EvaluationOptions { BatchSize = 17 }, two, "more than the 16 that the system was loaded for"),
                (new EvaluationOptions { Variants = [shuffled], BatchSize = 2 }, two, "a batch size of at least 3"),
                (new EvaluationOptions { Variants = [shuffled] }, two with { Questions = [two.Questions[0]] }, "at least 2 questions"),
                (new EvaluationOptions { Variants = [shuffled, shuffled] }, two, "'shuffled-r3-m5' stands there twice"),
                (new EvaluationOptions(), two with { Questions = [] }, "holds none"),
                (new EvaluationOptions(), two with { Questions = [two.Questions[0], two.Questions[0]] }, "two have the id '0'"),
                (new EvaluationOptions(), two with { Questions = [two.Questions[0] with { Kind = TaskKind.Free }] }, "questions of the kind Free"),
            ])
        {
            InvalidOptionException error = await Assert.ThrowsAsync<InvalidOptionException>(
                () => EvaluationRun.RunAsync(shared.Mas, questions, options, folder.Path("run"), cancellationToken: Token));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(folder.Path("run")));
        Assert.Throws<InvalidOptionException>(() => new EvaluationOptions { BatchSize = 0 });
        Assert.Throws<InvalidOptionException>(() => new EvaluationOptions { Rollouts = 0 });
        Assert.Throws<InvalidOptionException>(() => new EvaluationOptions { AnswerPassTokens = 0 });
        Assert.Throws<InvalidOptionException>(() => new EvaluationVariant(EvaluationMethod.Latent, 0, 5));
        Assert.Throws<InvalidOptionException>(() => EvaluationVariant.Plan([], [5]));
    }

    /// <summary>Notes how many programs it tries at once.</summary>
    private sealed class SlowJudge : ICodeJudge
    {
        private int _now;
        private int _most;

        public int Most => _most;

        public async Task<CodeScore> JudgeAsync(string output, EvaluationQuestion question, CancellationToken cancellationToken = default)
        {
            int now = Interlocked.Increment(ref _now);
            int most;
            while ((most = _most) < now)
                Interlocked.CompareExchange(ref _most, now, most);
            await Task.Delay(300, cancellationToken);
            Interlocked.Decrement(ref _now);
            var passed = new CodeVerdict { Outcome = CodeOutcome.Passed, Code = "x = 1", PassedTests = 1, TotalTests = 1 };
            return new CodeScore(passed, passed with { Outcome = CodeOutcome.Error, PassedTests = 0, ErrorType = "RE" });
        }
    }
}
