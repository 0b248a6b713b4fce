using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Runs;

/// <summary>The log for people: what was read with markers, what was answered, how it was judged.</summary>
public sealed class QuestionLogTests(TinyRun shared) : IClassFixture<TinyRun>
{
    private static CancellationToken Token => TinyRun.Token;

    [Fact]
    public async Task Every_question_stands_there_once_with_its_prompts_answer_and_verdicts()
    {
        using var folder = new TemporaryFolder();
        QuestionSet set = TinyQuestions.Draw("sequential_tiny", 6);
        using var log = new StringWriter { NewLine = "\n" };
        var options = new EvaluationOptions
        {
            Variants = [new EvaluationVariant(EvaluationMethod.Latent, 2, 5), new EvaluationVariant(EvaluationMethod.Alone, 1, 0)], BatchSize = 4, Log = log,
        };
        EvaluationResult run = await EvaluationRun.RunAsync(shared.Mas, set, options, folder.Path("run"), cancellationToken: Token);
        string[] parts = log.ToString().Split("===== ", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2 * (6 + 1), parts.Length);
        foreach (EvaluationQuestion question in set.Questions)
        {
            string latent = Assert.Single(parts, part =>
                part.StartsWith($"latent-r2-m5: question {question.Index + 1} of 6, id {question.Id}\n", StringComparison.Ordinal));
            MasAnswer answer = await shared.Mas.AskAsync(question.ToMasQuestion(), new AskOptions { Rounds = 2, Seed = 42 }, Token);
            // Prompts as the template prints them: in the first round the planner knows no feedback.
            Assert.Contains($"----- planner reads in round 1\n<|system|>", latent, StringComparison.Ordinal);
            Assert.Contains($"----- planner reads in round 2\n<|system|>", latent, StringComparison.Ordinal);
            Assert.Contains("----- solver reads in round 1, 2\n", latent, StringComparison.Ordinal);
            foreach (MasEdge edge in shared.Mas.Edges)
                Assert.Contains($"<latent:{edge.Slot}>", latent, StringComparison.Ordinal);
            Assert.Contains($"\n{answer.Text}\nstrict: ", latent, StringComparison.Ordinal);
            bool right = run.Variants[0].Questions[question.Index].IsCorrect(strict: true);
            Assert.Contains($"\nstrict: {(right ? "right" : "wrong")}, ", latent, StringComparison.Ordinal);
            Assert.Contains($"\ngold: {question.Gold}\n", latent, StringComparison.Ordinal);
            string alone = Assert.Single(parts, part => part.StartsWith($"alone: question {question.Index + 1} of 6", StringComparison.Ordinal));
            Assert.Single(alone.Split('\n'), line => line.Contains(" reads in round ", StringComparison.Ordinal));
            Assert.DoesNotContain("<latent:", alone, StringComparison.Ordinal);
            Assert.Contains(question.Text, alone, StringComparison.Ordinal);
        }

        int strict = run.Variants[0].Summary.Strict.Questions.Successes;
        string totals = Assert.Single(parts, part => part.StartsWith("latent-r2-m5: 6 questions\n", StringComparison.Ordinal));
        Assert.Contains($"right, strict: {strict} of 6 (", totals, StringComparison.Ordinal);

        // What an earlier session has asked is not told again, and nothing is told of a run that is complete.
        using var later = new StringWriter();
        await EvaluationRun.RunAsync(shared.Mas, set, options with { Log = later }, folder.Path("run"), cancellationToken: Token);
        Assert.Equal("", later.ToString());
    }

    [Fact]
    public async Task Answers_of_all_rollouts_and_faults_are_told()
    {
        using var folder = new TemporaryFolder();
        QuestionSet set = TinyQuestions.Draw("sequential_tiny", 2);
        set = set with { Questions = [set.Questions[0], set.Questions[1] with { Text = string.Concat(Enumerable.Repeat("coins ", 5000)) }] };
        using var log = new StringWriter();
        var options = new EvaluationOptions { Rollouts = 3, Log = log, Sampling = new SamplingOptions { DoSample = true } };
        await EvaluationRun.RunAsync(shared.Mas, set, options, folder.Path("run"), cancellationToken: Token);
        string all = log.ToString();
        Assert.All((int[])[42, 43, 44], seed => Assert.Contains($"----- answer, seed {seed}: ended by ", all, StringComparison.Ordinal));
        Assert.Contains("----- failed\n", all, StringComparison.Ordinal);
        Assert.Contains("failed: 1 of 2 (50.00 %)", all, StringComparison.Ordinal);
        Assert.Contains("3 answers each", all, StringComparison.Ordinal);
    }
}
