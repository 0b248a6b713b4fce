using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What a variant of a run came to: scores, rates and costs.</summary>
public sealed record VariantSummary
{
    private VariantSummary()
    {
    }

    /// <summary>Number of questions.</summary>
    public required int Questions { get; init; }

    /// <summary>Answers a question.</summary>
    public required int Rollouts { get; init; }

    /// <summary>By the rules of the reference implementation, its faults included.</summary>
    public required ScoreSummary Reference { get; init; }

    /// <summary>By the strict rules.</summary>
    public required ScoreSummary Strict { get; init; }

    /// <summary>Answers that cannot be read; the reference takes such a choice for A.</summary>
    public required Proportion Unparsed { get; init; }

    /// <summary>Answers that the strict rules cannot decide; they count as wrong.</summary>
    public required Proportion Undecided { get; init; }

    /// <summary>Answers that came of the answer pass.</summary>
    public required Proportion AnswerPass { get; init; }

    /// <summary>Texts that were cut at the maximum number of tokens.</summary>
    public required Proportion Cut { get; init; }

    /// <summary>Answers that the judge calls right, of those that it was asked about; null if there was no judge.</summary>
    public Proportion? JudgedRight { get; init; }

    /// <summary>Answers of which the judge gave no verdict that can be read; null if there was no judge.</summary>
    public Proportion? JudgedUndecided { get; init; }

    /// <summary>Questions that failed, for example because they are too long.</summary>
    public required Proportion Failed { get; init; }

    /// <summary>Mean number of tokens written for a question, by all agents and rollouts. Latent steps are no tokens.</summary>
    public required double GeneratedTokens { get; init; }

    /// <summary>Mean number of latent steps of a question, by all agents.</summary>
    public required double LatentSteps { get; init; }

    /// <summary>Mean number of positions of all prompts of a question.</summary>
    public required double PromptTokens { get; init; }

    /// <summary>Mean number of calls of tools of an answer.</summary>
    public required double ToolCalls { get; init; }

    /// <summary>Mean seconds of a question, waiting for the device included; questions that run side by side share the device.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean seconds of each agent's part of a question, by agent and action, in order of first appearance.</summary>
    public required IReadOnlyList<StageTime> Stages { get; init; }

    /// <summary>Sums up results.</summary>
    /// <param name="results">One a question.</param>
    /// <param name="rollouts">Answers a question, at least 1.</param>
    public static VariantSummary Of(IReadOnlyList<QuestionResult> results, int rollouts)
    {
        ArgumentNullException.ThrowIfNull(results);
        Given.AtLeast(1, rollouts, nameof(rollouts));
        RolloutResult[] answers = [.. results.SelectMany(result => result.Rollouts)];
        Proportion Rate(Func<RolloutResult, bool> counts) => new(answers.Count(counts), answers.Length);
        int judged = answers.Count(answer => answer.Judged is not null);
        Proportion? Judged(JudgedAnswer what) => judged == 0 ? null : new Proportion(answers.Count(answer => answer.Judged == what), judged);
        double Mean(Func<QuestionResult, double> value) => results.Count == 0 ? 0 : results.Average(value);
        return new VariantSummary
        {
            Questions = results.Count,
            Rollouts = rollouts,
            Reference = ScoreSummary.Of(results, rollouts, strict: false),
            Strict = ScoreSummary.Of(results, rollouts, strict: true),
            Unparsed = Rate(answer => !answer.IsParsed),
            Undecided = Rate(answer => answer.Agreement == AnswerAgreement.Undecided),
            AnswerPass = Rate(answer => answer.AnswerPass),
            Cut = Rate(answer => answer.Finish == FinishReason.MaxNewTokens),
            JudgedRight = Judged(JudgedAnswer.Right),
            JudgedUndecided = Judged(JudgedAnswer.Undecided),
            Failed = new Proportion(results.Count(result => result.Error is not null), results.Count),
            GeneratedTokens = Mean(result => result.GeneratedTokens),
            LatentSteps = Mean(result => result.LatentSteps),
            PromptTokens = Mean(result => result.PromptTokens),
            ToolCalls = answers.Length == 0 ? 0 : answers.Average(answer => answer.ToolCalls),
            Seconds = Mean(result => result.Seconds),
            Stages =
            [
                .. results.SelectMany(result => result.Stages).GroupBy(stage => (stage.Agent, stage.Action))
                    .Select(group => new StageTime(group.Key.Agent, group.Key.Action, group.Sum(stage => stage.Seconds) / results.Count)),
            ],
        };
    }
}

/// <summary>Mean time of an agent's part of a question.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Action">What it did.</param>
/// <param name="Seconds">Seconds over all rounds.</param>
public sealed record StageTime(string Agent, StageAction Action, double Seconds);
