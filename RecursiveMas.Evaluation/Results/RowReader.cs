using System.Text.Json;
using System.Text.Json.Nodes;

namespace RecursiveMas.Results;

/// <summary>Reads lines of result files.</summary>
internal static class RowReader
{
    /// <exception cref="ResultsException">The line holds no result.</exception>
    public static QuestionResult Read(string line, string file)
    {
        JsonObject row = ResultJson.Parse(line, file, "A line");
        try
        {
            return new QuestionResult
            {
                Index = (int)row["sample_idx"]!,
                Rollouts = row["error"] is not null ? [] : row["rollouts"] is JsonArray rollouts ? [.. rollouts.Select(one => Rollout(one!))] : [Rollout(row)],
                PromptTokens = (int)row["prompt_tokens"]!,
                LatentSteps = (int)row["latent_steps_run"]!,
                GeneratedTokens = (int)row["tokens_generated"]!,
                Seconds = (double)row[ResultJson.Seconds]!,
                Stages = [.. row["stages"]!.AsArray().Select(stage => Stage(stage!))],
                Error = (string?)row["error"],
            };
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or NullReferenceException or ArgumentException or JsonException)
        {
            throw new ResultsException(file, $"a line is no result: {error.Message} Remove it, and its question is asked again.", error);
        }
    }

    private static RolloutResult Rollout(JsonNode row) => new()
    {
        Seed = (long)row["sample_seed"]!,
        ReferenceCorrect = (bool)row["correct"]!,
        StrictCorrect = (bool)row["strict"]!["correct"]!,
        Agreement = (string?)row["strict"]!["agreement"] is { } agreement ? Enum.Parse<AnswerAgreement>(agreement) : null,
        IsParsed = (bool)row["strict"]!["parsed"]!,
        AnswerPass = (bool)row["answer_pass"]!,
        Finish = Enum.Parse<FinishReason>((string)row["stop_reason"]!),
        ToolCalls = (int)row["tool_calls"]!,
        Judged = row["judge"] is { } judge ? Enum.Parse<JudgedAnswer>((string)judge["answer"]!) : null,
    };

    private static StageResult Stage(JsonNode stage) => new(
        (string)stage["agent"]!,
        (int)stage["round"]!,
        Enum.Parse<StageAction>((string)stage["action"]!),
        (int)stage["prompt_tokens"]!,
        (int)stage["latent_steps"]!,
        (int)stage["tokens_generated"]!,
        (double)stage[ResultJson.Seconds]!);
}
