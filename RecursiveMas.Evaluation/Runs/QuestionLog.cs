using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RecursiveMas.Runs;

/// <summary>Writes for people what was read, answered and judged, a question at a time.</summary>
/// <param name="writer">Receives it.</param>
/// <param name="questions">The questions.</param>
/// <param name="options">Settings of the run.</param>
/// <remarks>Safe for concurrent calls: what belongs to a question stands together.</remarks>
internal sealed class QuestionLog(TextWriter writer, IReadOnlyList<EvaluationQuestion> questions, EvaluationOptions options)
{
    private readonly Lock _gate = new();

    /// <param name="asked">The system that was asked.</param>
    /// <param name="variant">How it was asked.</param>
    /// <param name="row">What became of a question.</param>
    public void Write(MasSystem asked, EvaluationVariant variant, JsonObject row)
    {
        int index = (int)row["sample_idx"]!;
        EvaluationQuestion question = questions[index];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"===== {variant.Name}: question {index + 1} of {questions.Count}, id {question.Id}\n");
        AddPrompts(text, asked, variant, question, row);
        if ((string?)row["error"] is { } error)
            text.Append("----- failed\n").Append(error).Append('\n');
        else if (row["rollouts"] is JsonArray rollouts)
        {
            foreach (JsonNode? rollout in rollouts)
                AddAnswer(text, rollout!);
        }
        else
            AddAnswer(text, row);

        Write(text.Append('\n'));
    }

    /// <param name="variant">A variant whose questions are all done.</param>
    /// <param name="summary">What they came to.</param>
    public void Write(EvaluationVariant variant, VariantSummary summary)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"===== {variant.Name}: {summary.Questions} questions");
        if (summary.Rollouts > 1)
            text.Append(CultureInfo.InvariantCulture, $", {summary.Rollouts} answers each, any of which may be right");
        text.Append('\n');
        foreach ((string name, Proportion share) in ((string, Proportion)[])
            [
                ("right, strict", summary.Strict.Questions), ("right, reference", summary.Reference.Questions), ("unparsed", summary.Unparsed),
                ("undecided", summary.Undecided), ("of an answer pass", summary.AnswerPass), ("cut", summary.Cut), ("failed", summary.Failed),
            ])
            text.Append(CultureInfo.InvariantCulture, $"{name}: {share.Successes} of {share.Total} ({100 * share.Rate:0.00} %)\n");
        if (summary.JudgedRight is { } judged)
            text.Append(CultureInfo.InvariantCulture, $"right, judge: {judged.Successes} of {judged.Total} ({100 * judged.Rate:0.00} %)\n");
        Write(text.Append('\n'));
    }

    private void Write(StringBuilder text)
    {
        lock (_gate)
        {
            writer.Write(text);
            writer.Flush();
        }
    }

    /// <summary>What each agent read in each round, a marker for what another handed over; rounds that read the same stand together.</summary>
    private void AddPrompts(StringBuilder text, MasSystem asked, EvaluationVariant variant, EvaluationQuestion question, JsonObject row)
    {
        MasQuestion put = question.ToMasQuestion();
        bool thinks = options.EnableThinking ?? asked.Options.EnableThinking ?? false;
        ToolOptions? tools = options.Tools ?? asked.Options.Tools;
        IEnumerable<(string Agent, int Round)> stages =
            row["stages"]!.AsArray().Select(stage => ((string)stage!["agent"]!, (int)stage["round"]!)).Distinct();
        foreach (var read in stages.GroupBy(stage => (stage.Agent, Text: Rendered(stage.Agent, stage.Round))))
        {
            string rounds = string.Join(", ", read.Select(stage => stage.Round.ToString(CultureInfo.InvariantCulture)));
            text.Append(CultureInfo.InvariantCulture, $"----- {read.Key.Agent} reads in round {rounds}\n{read.Key.Text}\n");
        }

        string Rendered(string name, int round)
        {
            AgentPrompt prompt = asked.PromptSource.GetPrompt(name, round, put) with { EnableThinking = thinks };
            if (tools?.Describe(name, name == asked.Style.Graph.Writer) is { } described)
                prompt = prompt with { Instructions = prompt.Instructions is { Length: > 0 } own ? $"{own}\n\n{described}" : described };
            string Marker(string slot) => variant.Channel == MasChannel.Text ? $"<text:{slot}>" : $"<latent:{slot}>";
            return asked.Agents[name] is LatentAgent agent
                ? agent.Render(prompt, Marker)
                : string.Join("\n\n", ((string?[])[prompt.System, prompt.Instructions, WithMarkers(prompt, Marker)]).OfType<string>());
        }
    }

    private static string WithMarkers(AgentPrompt prompt, Func<string, string> marker) =>
        string.Concat(prompt.User.Select(part => part.Kind == PromptPartKind.Slot ? marker(part.Value) : part.Value));

    private static void AddAnswer(StringBuilder text, JsonNode answer)
    {
        text.Append(CultureInfo.InvariantCulture, $"----- answer, seed {answer["sample_seed"]}: ended by {answer["stop_reason"]}");
        text.Append((bool)answer["answer_pass"]! ? ", with an answer pass" : "");
        text.Append((int)answer["tool_calls"]! is > 0 and var calls ? string.Create(CultureInfo.InvariantCulture, $", {calls} calls of tools") : "");
        text.Append('\n').Append((string?)answer["raw_output"]).Append('\n');
        AddVerdict(text, "strict", answer["strict"]!);
        AddVerdict(text, "reference", answer["reference"]!);
        if (answer["judge"] is { } judge)
            text.Append(CultureInfo.InvariantCulture, $"judge: {((string)judge["answer"]!).ToLowerInvariant()}\n");
        if (answer["gold_answer_parsed"] is { } gold)
            text.Append(CultureInfo.InvariantCulture, $"gold: {gold}\n");
    }

    private static void AddVerdict(StringBuilder text, string scorer, JsonNode verdict)
    {
        text.Append(CultureInfo.InvariantCulture, $"{scorer}: {((bool)verdict["correct"]! ? "right" : "wrong")}");
        foreach (string field in (string[])["agreement", "outcome", "rule", "answer"])
        {
            if ((string?)verdict[field] is { Length: > 0 } value)
                text.Append(CultureInfo.InvariantCulture, $", {field} {value}");
        }

        text.Append('\n');
    }
}
