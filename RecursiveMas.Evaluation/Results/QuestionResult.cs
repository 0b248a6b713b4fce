using System.Text.Json.Nodes;

namespace RecursiveMas;

/// <summary>What became of one question: a line of a result file.</summary>
public sealed record QuestionResult
{
    /// <summary>The question's place in its set, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its answers: one for each rollout; none if the question failed.</summary>
    public required IReadOnlyList<RolloutResult> Rollouts { get; init; }

    /// <summary>Positions of all prompts.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Latent steps of all agents.</summary>
    public required int LatentSteps { get; init; }

    /// <summary>Tokens that all agents wrote, with those of every rollout.</summary>
    public required int GeneratedTokens { get; init; }

    /// <summary>Seconds from the first prompt to the end of the last answer, waiting for the device included.</summary>
    public required double Seconds { get; init; }

    /// <summary>What each agent did in each round, in order of completion.</summary>
    public required IReadOnlyList<StageResult> Stages { get; init; }

    /// <summary>Why the question failed; null if it was answered.</summary>
    public string? Error { get; init; }

    /// <summary>Whether any answer is right.</summary>
    /// <param name="strict">By the strict scorer, or by the reference's.</param>
    public bool IsCorrect(bool strict) => Rollouts.Any(rollout => rollout.IsCorrect(strict));

    /// <summary>Share of right answers.</summary>
    /// <param name="strict">By the strict scorer, or by the reference's.</param>
    public double Share(bool strict) => Rollouts.Count == 0 ? 0 : Rollouts.Average(rollout => rollout.IsCorrect(strict) ? 1.0 : 0);
}

/// <summary>One answer to a question and what both scorers say of it.</summary>
public sealed record RolloutResult
{
    /// <summary>The seed of the answer.</summary>
    public required long Seed { get; init; }

    /// <summary>Whether the answer is right as the reference scores.</summary>
    public required bool ReferenceCorrect { get; init; }

    /// <summary>Whether it is right as a careful reader scores.</summary>
    public required bool StrictCorrect { get; init; }

    /// <summary>Why, by the strict scorer; null for code, which is run.</summary>
    public AnswerAgreement? Agreement { get; init; }

    /// <summary>Whether there is an answer that can be read.</summary>
    public required bool IsParsed { get; init; }

    /// <summary>Whether the writer had to be asked again for an answer.</summary>
    public required bool AnswerPass { get; init; }

    /// <summary>Why the text ended.</summary>
    public required FinishReason Finish { get; init; }

    /// <summary>Calls of tools.</summary>
    public required int ToolCalls { get; init; }

    /// <summary>What the judge of <see cref="EvaluationOptions.AnswerJudge"/> says; null if none was asked.</summary>
    public JudgedAnswer? Judged { get; init; }

    /// <summary>What a scorer says.</summary>
    /// <param name="strict">The strict one, or the reference's.</param>
    public bool IsCorrect(bool strict) => strict ? StrictCorrect : ReferenceCorrect;
}

/// <summary>What an agent did in a stage of a question.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Action">What it did.</param>
/// <param name="PromptTokens">Positions of its prompt.</param>
/// <param name="LatentSteps">Latent steps taken.</param>
/// <param name="GeneratedTokens">Tokens written.</param>
/// <param name="Seconds">How long it took, waiting for the device included.</param>
public sealed record StageResult(string Agent, int Round, StageAction Action, int PromptTokens, int LatentSteps, int GeneratedTokens, double Seconds);
