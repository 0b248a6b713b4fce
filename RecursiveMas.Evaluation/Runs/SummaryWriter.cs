using System.Text.Json.Nodes;
using RecursiveMas.Results;

namespace RecursiveMas.Runs;

/// <summary>Writes the last line of a result file.</summary>
internal static class SummaryWriter
{
    public static JsonObject Write(QuestionSet set, MasSystem system, EvaluationVariant variant, EvaluationOptions options, VariantSummary summary, string run)
    {
        var names = ReferenceNames.Of(system.Style);
        var written = new JsonObject
        {
            ["type"] = "summary",
            ["dataset"] = set.Name,
            ["dataset_split"] = set.Source.Split,
            ["method"] = names.Method,
            ["mas_shape"] = names.Shape,
            ["latent_steps"] = variant.LatentSteps,
            ["num_samples"] = summary.Questions,
            ["num_rollouts"] = summary.Rollouts,
            ["sample_seed_base"] = options.Seed,
            ["per_rollout_num_correct"] = List(summary.Reference.Rollouts.Select(rollout => (JsonNode)rollout.Successes)),
            ["per_rollout_accuracy"] = List(summary.Reference.Rollouts.Select(rollout => (JsonNode)Percent(rollout.Rate))),
            ["num_correct"] = summary.Reference.Questions.Successes,
            ["accuracy"] = Percent(summary.Reference.Questions.Rate),
            ["pass_at_k"] = Percent(summary.Reference.Questions.Rate),
            ["run"] = run,
            ["variant"] = variant.Name,
            ["system"] = system.Style.Name,
            ["num_recursive_rounds"] = variant.Rounds,
            ["reference"] = Score(summary.Reference),
            ["strict"] = Score(summary.Strict),
            ["rates"] = new JsonObject
            {
                ["unparsed"] = Percent(summary.Unparsed.Rate),
                ["undecided"] = Percent(summary.Undecided.Rate),
                ["answer_pass"] = Percent(summary.AnswerPass.Rate),
                ["cut"] = Percent(summary.Cut.Rate),
                ["failed"] = Percent(summary.Failed.Rate),
            },
            ["means"] = new JsonObject
            {
                ["prompt_tokens"] = Round(summary.PromptTokens),
                ["latent_steps_run"] = Round(summary.LatentSteps),
                ["tokens_generated"] = Round(summary.GeneratedTokens),
                ["tool_calls"] = Round(summary.ToolCalls),
                [ResultJson.Seconds] = Round(summary.Seconds),
            },
        };
        if (summary is { JudgedRight: { } right, JudgedUndecided: { } undecided })
        {
            written["judge"] = new JsonObject
            {
                ["num_judged"] = right.Total,
                ["right"] = Percent(right.Rate),
                ["interval"] = Interval(right.Wilson()),
                ["undecided"] = Percent(undecided.Rate),
            };
        }

        return written;
    }

    private static JsonObject Score(ScoreSummary score) => new()
    {
        ["num_correct"] = score.Questions.Successes,
        ["accuracy"] = Percent(score.Questions.Rate),
        ["interval"] = Interval(score.Questions.Wilson()),
        ["mean_accuracy"] = Percent(score.Mean),
        ["mean_interval"] = Interval(score.MeanInterval),
    };

    private static JsonArray Interval(ConfidenceInterval interval) => [Percent(interval.Low), Percent(interval.High)];

    private static JsonArray List(IEnumerable<JsonNode> values) => [.. values];

    private static double Percent(double rate) => Round(100 * rate);

    private static double Round(double value) => Math.Round(value, 4);
}
