using System.Globalization;
using System.Text.Json.Nodes;
using RecursiveMas.Results;

namespace RecursiveMas.Reports;

/// <summary>What a report says, as tables.</summary>
/// <param name="run">The run.</param>
/// <param name="others">Further runs that count for the comparison with published figures.</param>
internal sealed class ReportTables(EvaluationResult run, IReadOnlyList<EvaluationResult> others)
{
    private const string NotMeasured = "not measured";

    private readonly VariantResult _main = run.Variants[0];

    /// <summary>One line about what was run.</summary>
    public string Title => $"{run.Manifest.SystemName} on {run.Manifest.QuestionsName}";

    /// <summary>What a reader needs to judge the figures by, in a few words each.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts
    {
        get
        {
            JsonObject content = run.Manifest.Content;
            JsonNode options = content["options"]!, questions = content["questions"]!, session = content["sessions"]!.AsArray()[^1]!;
            JsonNode[] agents = [.. content["system"]!["agents"]!.AsObject().Select(agent => agent.Value!)];
            string Distinct(string name) => string.Join(", ", agents.Select(agent => (string?)agent[name]).Where(value => value is not null).Distinct());
            return
            [
                ("questions", $"{questions["count"]} of {Or(questions["available"], "0", "?")}, split {questions["split"]}"),
                ("answers a question", $"{options["num_rollouts"]}"),
                ("seed", $"{options["seed"]}"),
                ("at once", $"{options["batch_size"]}"),
                ("tokens at most", $"{options["max_new_tokens"]}"),
                ("sampling", Sampling(options["sampling"]!)),
                ("element type", Distinct("dtype")),
                ("device", Distinct("device")),
                ("prompts", $"{content["system"]!["prompts"]!["name"]}"),
                ("wording of questions", (bool)questions["wording"]!["is_published"]! ? "as published" : "the library's own"),
                ("behaviour", (string)options["compatibility"]! == nameof(MasCompatibility.Reference) ? "as the reference" : "the library's own"),
                ("machine", $"{session["machine"]!["processor"] ?? session["machine"]!["architecture"]}, {session["machine"]!["processors"]} processors"),
                ("run", run.Manifest.Run),
            ];
        }
    }

    public IEnumerable<ReportTable> All()
    {
        yield return Scores();
        if (run.Variants.Count > 1)
            yield return Comparison();
        yield return Costs();
        yield return Stages();
        if (run.Manifest.Content["questions"]!["faults"]!.AsArray() is { Count: > 0 } faults)
        {
            yield return new ReportTable(
                "Faults of the data", "Found when the questions were read.", ["fault"], [.. faults.Select(fault => (string[])[$"{fault}"])]);
        }

        yield return Published();
        yield return Sessions();
        yield return Files();
    }

    private ReportTable Scores()
    {
        int rollouts = _main.Summary.Rollouts;
        string what = rollouts == 1 ? "accuracy" : $"pass@{rollouts}";
        bool judged = run.Variants.Any(one => one.Summary.JudgedRight is not null);
        string[] opinion = judged ? ["judge", "judge undecided"] : [];
        string[] mean = rollouts == 1 ? [] : ["strict mean", "reference mean"];
        return new ReportTable(
            "Results",
            "Per cent, with 95 % intervals. \"Strict\" compares exact values and guesses nothing; \"reference\" scores as the reference implementation " +
            "does, its faults included, for comparison with published figures." +
            (rollouts == 1 ? "" : $" A question counts if any of its {rollouts} answers is right; the means are over answers.") +
            (judged ? $" \"Judge\" is what {run.Manifest.Content["options"]!["answer_judge"]} calls right, of all answers." : ""),
            ["variant", $"strict {what}", $"reference {what}", .. mean, .. opinion, "unparsed", "undecided", "answer pass", "cut", "failed"],
            [.. run.Variants.Select(one => (string[])
            [
                one.Variant.Name, Score(one.Summary.Strict.Questions), Score(one.Summary.Reference.Questions),
                .. rollouts == 1 ? (string[])[] : [Mean(one.Summary.Strict), Mean(one.Summary.Reference)],
                .. judged ? (string[])[JudgedScore(one.Summary.JudgedRight), Judged(one.Summary.JudgedUndecided)] : [],
                Rate(one.Summary.Unparsed), Rate(one.Summary.Undecided), Rate(one.Summary.AnswerPass), Rate(one.Summary.Cut), Rate(one.Summary.Failed),
            ])]);
    }

    private static string JudgedScore(Proportion? share) => share is { } score ? Score(score) : "-";

    private static string Judged(Proportion? share) => share is { } rate ? Rate(rate) : "-";

    private ReportTable Comparison() => new(
        $"Compared with {_main.Variant.Name}, question by question",
        "Difference in points (bootstrap interval, 95 %), questions that only one of the two got right, and how likely so uneven a split is between equals " +
        "(McNemar's exact test, two-sided; several comparisons find a small value by chance more easily than one).",
        ["variant", "strict difference", $"only {_main.Variant.Name}", "only the variant", "p", "reference difference", "p"],
        [.. run.Variants.Skip(1).Select(other =>
        {
            PairedComparison strict = Compare(other, strict: true), reference = Compare(other, strict: false);
            return (string[])
            [
                other.Variant.Name, Points(strict), $"{strict.OnlyFirst}", $"{strict.OnlySecond}", Probability(strict.ExactP), Points(reference),
                Probability(reference.ExactP),
            ];
        })]);

    private PairedComparison Compare(VariantResult other, bool strict) => PairedComparison.Of(
        [.. _main.Questions.Select(question => question.IsCorrect(strict))], [.. other.Questions.Select(question => question.IsCorrect(strict))]);

    private ReportTable Costs() => new(
        "Costs of a question",
        "Means. Tokens are those that all agents write; latent steps are no tokens, though each takes a pass over a model as a token does. Seconds include " +
        "the wait for the device that questions side by side share.",
        ["variant", "tokens written", "latent steps", "positions read", "tool calls", "seconds"],
        [.. run.Variants.Select(one => (string[])
        [
            one.Variant.Name, Number(one.Summary.GeneratedTokens), Number(one.Summary.LatentSteps), Number(one.Summary.PromptTokens),
            Number(one.Summary.ToolCalls), Seconds(one.Summary.Seconds),
        ])]);

    private ReportTable Stages() => new(
        "Seconds of each stage",
        "Mean seconds of an agent's part of a question, over all rounds.",
        ["variant", "agent", "does", "seconds"],
        [.. run.Variants.SelectMany(one => one.Summary.Stages.Select(stage => (string[])
            [one.Variant.Name, stage.Agent, stage.Action == StageAction.Think ? "thinks" : "writes", Seconds(stage.Seconds)]))],
        IsLong: true);

    private ReportTable Published()
    {
        EvaluationResult[] runs = [run, .. others];
        return new ReportTable(
            "Published figures",
            "Ours by the reference's scorer with its 95 % interval, where a run of the same system, data set, way, rounds and latent steps is among those " +
            "given; AIME is pass@10. Published times name neither hardware nor batch, so ours are not set beside them.",
            ["source", "what", "system", "data set", "rounds", "latent steps", "published", "ours"],
            [.. PublishedFigure.All.Select(figure => (string[])
            [
                figure.Table, figure.Label, figure.System, figure.DataSet, $"{figure.Rounds}", $"{figure.LatentSteps}", Value(figure), Ours(figure, runs),
            ])],
            IsLong: true);
    }

    private static string Ours(PublishedFigure figure, EvaluationResult[] runs)
    {
        VariantSummary? ours = (from one in runs from variant in one.Variants where figure.IsOf(one, variant) select variant.Summary).FirstOrDefault();
        return ours is null ? NotMeasured : figure.Unit == "tokens" ? Number(ours.GeneratedTokens) : Score(ours.Reference.Questions);
    }

    private ReportTable Sessions() => new(
        "Sessions",
        "A run that was ended goes on in another session. A session that was killed has no times.",
        ["started", "questions asked", "seconds", "seconds in models", "outside of models", "machine"],
        [.. run.Manifest.Content["sessions"]!.AsArray().Select(session =>
        {
            double? all = (double?)session![ResultJson.Seconds], models = (double?)session["model_seconds"];
            return (string[])
            [
                $"{session["started"]}", $"{session["questions_asked"]}", all is { } seconds ? Seconds(seconds) : "", models is { } busy ? Seconds(busy) : "",
                all > 0 && models is { } inside ? string.Create(CultureInfo.InvariantCulture, $"{100 * Math.Max(0, 1 - (inside / all.Value)):0.0} %") : "",
                $"{session["machine"]!["system"]}, {session["machine"]!["processor"]}, {session["machine"]!["runtime"]}",
            ];
        })]);

    private ReportTable Files()
    {
        JsonNode system = run.Manifest.Content["system"]!;
        var rows = new List<string[]>();
        void Add(string part, JsonNode? described)
        {
            foreach (JsonNode? file in described?["files"]?.AsArray() ?? [])
                rows.Add([part, $"{described!["revision"]}", $"{file!["path"]}", $"{file["bytes"]}", $"{file["sha256"]}"]);
        }

        foreach ((string agent, JsonNode? described) in system["agents"]!.AsObject())
            Add(agent, described);
        Add("links", system["links"]);
        Add("questions", run.Manifest.Content["questions"]);
        rows.Add(["prompts", $"{system["prompts"]!["version"]}", $"{system["prompts"]!["name"]}", "", $"{system["prompts"]!["sha256"]}"]);
        return new ReportTable("Files", "Everything that was read, by its SHA-256.", ["part", "revision", "file", "bytes", "SHA-256"], rows, IsLong: true);
    }

    private static string Sampling(JsonNode sampling)
    {
        if ((bool?)sampling["do_sample"] != true)
            return "greedy";
        string cold = sampling["temperature_of_code"] is { } temperature ? $" (code {temperature})" : "";
        string Of(string name) => $"{sampling[name] ?? "of the model"}";
        return $"temperature {Of("temperature")}{cold}, top-p {Of("top_p")}, top-k {Of("top_k")}";
    }

    private static string Or(JsonNode? value, string none, string instead) => $"{value}" == none ? instead : $"{value}";

    private static string Value(PublishedFigure figure) => figure.Unit switch
    {
        "s" or "tokens" => string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0} {figure.Unit}"),
        "x" => string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.0}×"),
        "% fewer" => string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.0} % fewer"),
        "pass@10" => string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.0} (pass@10)"),
        "unstated" => string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.0} (metric not stated)"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{figure.Value:0.0}"),
    };

    private static string Score(Proportion score) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * score.Rate:0.0} ({score.Wilson()})");

    private static string Mean(ScoreSummary score) => string.Create(CultureInfo.InvariantCulture, $"{100 * score.Mean:0.0} ({score.MeanInterval})");

    private static string Rate(Proportion rate) => string.Create(CultureInfo.InvariantCulture, $"{100 * rate.Rate:0.0}");

    private static string Points(PairedComparison compared) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * compared.Difference:+0.0;-0.0;0.0} ({compared.Interval})");

    private static string Probability(double p) => p < 0.0001 ? "< 0.0001" : p.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Seconds(double value) => value.ToString(value < 10 ? "0.000" : "0.0", CultureInfo.InvariantCulture);
}
