using System.Text.Json.Nodes;

namespace RecursiveMas.Evaluation.Tests.Reports;

/// <summary>A run that nobody made, for reports.</summary>
internal static class ReportSamples
{
    public const int Questions = 500;

    /// <summary>Rounds, latent steps and all other ways, with accuracies like those of a real run.</summary>
    public static EvaluationResult Run(string system = "sequential_light", string questions = "math500", int rollouts = 1)
    {
        EvaluationVariant[] variants =
        [
            .. EvaluationVariant.Plan([1, 2, 3], [48, 0, 16, 32], [.. Enum.GetValues<EvaluationMethod>().Where(method => method != EvaluationMethod.Latent)])
                .Where(variant => variant.Rounds == 3 || variant.LatentSteps is 0 or 48),
        ];
        return new EvaluationResult
        {
            Manifest = new RunManifest(Manifest(system, questions, rollouts)),
            Variants = [.. variants.Select((variant, place) => Variant(variant, place, rollouts))],
        };
    }

    private static VariantResult Variant(EvaluationVariant variant, int place, int rollouts)
    {
        var random = new Random(place);
        double rate = variant.Method switch
        {
            EvaluationMethod.Latent => 0.70 + (0.02 * variant.Rounds) + (0.0005 * variant.LatentSteps),
            EvaluationMethod.Text => 0.72,
            EvaluationMethod.Alone => 0.74,
            _ => 0.4,
        };
        QuestionResult[] results =
        [
            .. Enumerable.Range(0, Questions).Select(index => new QuestionResult
            {
                Index = index,
                Rollouts = [.. Enumerable.Range(0, rollouts).Select(rollout => Answer(42 + rollout, random.NextDouble() < rate, random))],
                PromptTokens = 900,
                LatentSteps = variant.LatentSteps * ((3 * variant.Rounds) - 1),
                GeneratedTokens = variant.Method == EvaluationMethod.Text ? 4100 : 893,
                Seconds = 4 + variant.Rounds + random.NextDouble(),
                Stages =
                [
                    new StageResult("planner", 1, StageAction.Think, 300, variant.LatentSteps, 0, 1.25),
                    new StageResult("solver", variant.Rounds, StageAction.Write, 600, 0, 893, 4.5),
                ],
            }),
        ];
        return new VariantResult(variant, results, VariantSummary.Of(results, rollouts));
    }

    private static RolloutResult Answer(long seed, bool right, Random random) => new()
    {
        Seed = seed,
        StrictCorrect = right,
        ReferenceCorrect = right || random.NextDouble() < 0.1,
        Agreement = right ? AnswerAgreement.Equal : random.NextDouble() < 0.2 ? AnswerAgreement.Unparsed : AnswerAgreement.Different,
        IsParsed = right || random.NextDouble() < 0.8,
        AnswerPass = random.NextDouble() < 0.1,
        Finish = FinishReason.EndOfSequence,
        ToolCalls = 0,
    };

    private static JsonObject Manifest(string system, string questions, int rollouts) => new()
    {
        ["run"] = "0123456789abcdef",
        ["questions"] = new JsonObject
        {
            ["name"] = questions, ["split"] = "test", ["available"] = Questions, ["count"] = Questions,
            ["faults"] = new JsonArray("31, gold: wrong by containment"),
            ["wording"] = new JsonObject { ["is_published"] = true }, ["files"] = new JsonArray(File("test.parquet")),
            ["revision"] = "0f" + new string('0', 38),
        },
        ["system"] = new JsonObject
        {
            ["name"] = system,
            ["agents"] = new JsonObject
            {
                ["planner"] = new JsonObject
                {
                    ["revision"] = "ab" + new string('0', 38), ["files"] = new JsonArray(File("model.safetensors")), ["dtype"] = "BFloat16",
                    ["device"] = "cuda",
                },
            },
            ["links"] = new JsonObject { ["files"] = new JsonArray(File("outer_12.pt")) },
            ["prompts"] = new JsonObject { ["name"] = "sequential", ["version"] = "1", ["sha256"] = new string('a', 64) },
        },
        ["options"] = new JsonObject
        {
            ["num_rollouts"] = rollouts, ["seed"] = 42, ["batch_size"] = 32, ["max_new_tokens"] = 1000, ["compatibility"] = "Reference",
            ["sampling"] = new JsonObject { ["do_sample"] = true, ["temperature"] = 0.6, ["top_p"] = 0.95 },
        },
        ["sessions"] = new JsonArray(
            new JsonObject { ["started"] = "2026-11-26T10:00:00Z", ["machine"] = Machine() },
            new JsonObject
            {
                ["started"] = "2026-11-26T12:00:00Z", ["machine"] = Machine(), ["questions_asked"] = 5000, ["seconds"] = 2000.5, ["model_seconds"] = 1950.25,
            }),
    };

    private static JsonNode File(string name) => new JsonObject { ["path"] = name, ["bytes"] = 12345678, ["sha256"] = new string('b', 64) };

    private static JsonObject Machine() =>
        new() { ["system"] = "Linux", ["processor"] = "A processor of 2.5 GHz", ["processors"] = 16, ["runtime"] = ".NET 10", ["architecture"] = "x64" };
}
