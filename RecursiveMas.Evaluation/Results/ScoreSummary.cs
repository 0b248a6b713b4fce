namespace RecursiveMas;

/// <summary>What one scorer says of a whole run.</summary>
public sealed record ScoreSummary
{
    /// <summary>Questions of which any answer is right: with one rollout the accuracy, with k the pass@k.</summary>
    public required Proportion Questions { get; init; }

    /// <summary>Right answers of each rollout.</summary>
    public required IReadOnlyList<Proportion> Rollouts { get; init; }

    /// <summary>Mean accuracy over rollouts, 0 to 1.</summary>
    public double Mean => Rollouts.Average(rollout => rollout.Rate);

    /// <summary>95 % interval of <see cref="Mean"/>: Wilson's with one rollout, else by bootstrap over questions.</summary>
    public required ConfidenceInterval MeanInterval { get; init; }

    internal static ScoreSummary Of(IReadOnlyList<QuestionResult> results, int rollouts, bool strict)
    {
        var questions = new Proportion(results.Count(result => result.IsCorrect(strict)), results.Count);
        return new ScoreSummary
        {
            Questions = questions,
            Rollouts =
            [
                .. Enumerable.Range(0, rollouts).Select(rollout => new Proportion(
                    results.Count(result => result.Rollouts.Count > rollout && result.Rollouts[rollout].IsCorrect(strict)), results.Count)),
            ],
            MeanInterval = rollouts == 1 || results.Count == 0 ? questions.Wilson() : Bootstrap.Mean([.. results.Select(result => result.Share(strict))]),
        };
    }
}
