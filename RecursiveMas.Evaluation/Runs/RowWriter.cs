using System.Text.Json.Nodes;
using RecursiveMas.Results;

namespace RecursiveMas.Runs;

/// <summary>Writes what became of a question as a line of results: the fields of the reference implementation, then those of this library.</summary>
/// <param name="set">The questions.</param>
/// <param name="system">The system that is asked.</param>
/// <param name="variant">How it is asked.</param>
/// <param name="options">Settings of the run.</param>
/// <param name="judge">Judges answers.</param>
/// <param name="run">What tells the run apart.</param>
internal sealed class RowWriter(
    QuestionSet set, MasSystem system, EvaluationVariant variant, EvaluationOptions options, AnswerJudge judge, string run)
{
    private readonly ReferenceNames _names = ReferenceNames.Of(system.Style);

    /// <param name="index">Place of the question.</param>
    /// <param name="result">Its answers or its fault.</param>
    /// <param name="copies">Whether the first answer stands for all.</param>
    /// <param name="cancellationToken">Stops the trial of programs.</param>
    public async Task<JsonObject> WriteAsync(int index, MasResult result, bool copies, CancellationToken cancellationToken)
    {
        EvaluationQuestion question = set.Questions[index];
        JsonObject row = Head(index, question);
        if (result.Answer is { } answer)
        {
            await AddAnswersAsync(row, question, answer, copies, cancellationToken).ConfigureAwait(false);
            AddCosts(row, answer);
        }
        else
        {
            row["correct"] = false;
            row["error"] = result.Error?.Message ?? "";
            AddCosts(row, null);
        }

        return row;
    }

    private JsonObject Head(int index, EvaluationQuestion question) => new()
    {
        ["sample_idx"] = index,
        ["dataset"] = set.Name,
        ["dataset_split"] = set.Source.Split,
        ["method"] = _names.Method,
        ["mas_shape"] = _names.Shape,
        ["latent_steps"] = variant.LatentSteps,
        ["question"] = question.Text,
        ["gold_answer_raw"] = question.ReferenceGold,
        ["run"] = run,
        ["variant"] = variant.Name,
        ["num_recursive_rounds"] = variant.Rounds,
        ["question_id"] = question.Id,
        ["task"] = $"{question.Kind}".ToLowerInvariant(),
    };

    private async Task AddAnswersAsync(JsonObject row, EvaluationQuestion question, MasAnswer answer, bool copies, CancellationToken cancellationToken)
    {
        var answers = new List<Answer> { new(options.Seed, answer.Text, answer.AnswerPassRan, answer.Finish, answer.Tools) };
        answers.AddRange(answer.Alternatives.Select(other => new Answer(other.Seed, other.Text, other.AnswerPassRan, other.Finish, other.Tools)));
        for (int rollout = 1; copies && rollout < options.Rollouts; rollout++)
            answers.Add(answers[0] with { Seed = options.Seed + rollout });

        // Programs are tried side by side; copies are judged once.
        JsonObject[] judged = await Task.WhenAll(answers.DistinctBy(one => copies ? 0 : one.Seed)
            .Select(one => judge.JudgeAsync(question, one.Text, cancellationToken))).ConfigureAwait(false);
        if (options.Rollouts == 1)
        {
            Merge(row, Rollout(0, answers[0], judged[0]));
            AddInputs(row, question);
            return;
        }

        var rollouts = new JsonArray([.. answers.Select((one, i) => (JsonNode)Rollout(i, one, judged[copies ? 0 : i]))]);
        row["pass_at_k_correct"] = rollouts.Any(one => (bool)one!["correct"]!);
        string parsed = question.Kind == TaskKind.Code && question.Tests is not null ? "pred_code_parsed" : "gold_answer_parsed";
        row[parsed] = rollouts[0]![parsed]?.DeepClone();
        row["rollouts"] = rollouts;
    }

    private static JsonObject Rollout(int index, Answer answer, JsonObject judged)
    {
        var rollout = new JsonObject { ["rollout_idx"] = index, ["sample_seed"] = answer.Seed };
        Merge(rollout, judged);
        rollout["raw_output"] = answer.Text;
        rollout["answer_pass"] = answer.AnswerPass;
        rollout["stop_reason"] = $"{answer.Finish}";
        rollout["tool_calls"] = answer.Tools?.Calls.Count ?? 0;
        if (answer.Tools is { Unavailable.Count: > 0 } tools)
            rollout["tools_unavailable"] = new JsonArray([.. tools.Unavailable.Keys.Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]);
        return rollout;
    }

    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach ((string name, JsonNode? value) in source)
            target[name] = value?.DeepClone();
    }

    /// <summary>The prompts of the last round with markers where blocks stand, for the systems whose results hold them in the reference.</summary>
    private void AddInputs(JsonObject row, EvaluationQuestion question)
    {
        if (!_names.HasInputs || variant.Method == EvaluationMethod.Alone)
            return;
        foreach (string agent in system.Style.Graph.Agents)
        {
            AgentPrompt prompt = system.PromptSource.GetPrompt(agent, variant.Rounds, question.ToMasQuestion());
            string user = prompt.WithSlotTexts(prompt.Slots.Distinct(StringComparer.Ordinal).ToDictionary(slot => slot, slot => $"<latent:{slot}>")).UserText;
            row[$"{agent}_input"] = prompt.System is { } text ? $"{text}\n\n{user}" : user;
        }
    }

    private void AddCosts(JsonObject row, MasAnswer? answer)
    {
        row["prompt_tokens"] = answer?.Usage.PromptTokens ?? 0;
        row["latent_steps_run"] = answer?.Usage.LatentVectors ?? 0;
        row["tokens_generated"] = answer is null ? 0 : answer.Usage.GeneratedTokens + answer.Alternatives.Sum(other => other.Usage.GeneratedTokens);
        // Agents of one stage end in any order.
        IReadOnlyList<string> agents = system.Style.Graph.Agents;
        row["stages"] = new JsonArray([.. (answer?.Stages ?? [])
            .OrderBy(stage => stage.Round).ThenBy(stage => agents.TakeWhile(agent => agent != stage.Agent).Count())
            .Select(stage => (JsonNode)new JsonObject
            {
                ["agent"] = stage.Agent,
                ["round"] = stage.Round,
                ["action"] = $"{stage.Action}",
                ["prompt_tokens"] = stage.Usage.PromptTokens,
                ["latent_steps"] = stage.Usage.LatentVectors,
                ["tokens_generated"] = stage.Usage.GeneratedTokens,
                [ResultJson.Seconds] = ResultJson.Time(stage.Duration),
            })]);
        row[ResultJson.Seconds] = ResultJson.Time(answer?.Duration ?? default);
    }

    /// <summary>One of the answers to a question.</summary>
    private sealed record Answer(long Seed, string Text, bool AnswerPass, FinishReason Finish, ToolUse? Tools);
}
