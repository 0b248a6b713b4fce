using System.Diagnostics;
using System.Globalization;
using RecursiveMas.Links;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// A latent rollout and a whole answer beside the reference implementation's algorithm: every stage reads its whole prompt, and every latent step the whole row
/// once more; only what is written has a cache.
/// </summary>
internal static class ThinkingComparison
{
    public const string Part = "thinking";

    /// <summary>The weights as they are and libtorch's own operators: what the reference implementation runs.</summary>
    private const string Reference = "reference";

    private const int Prompt = 512, Steps = 48; // of the rollout
    private const int Words = 80, Rounds = 3, AnswerSteps = 32, Tokens = 128; // of the answer
    private const int Samples = 4, Repeats = 3;

    private static readonly string[] s_formats = ["auto", "bf16"];

    public static void Run(ComparedModel model)
    {
        var own = s_formats.Select(_ => new List<Result>()).ToArray();
        var reference = new List<Algorithm>();
        string stages = "";
        for (int run = 0; run < model.ThinkingProcesses; run++)
        {
            for (int i = 0; i < s_formats.Length; i++)
            {
                own[i].Add(Result.Of(Child(model, s_formats[i])));
                stages = own[i][0].Stages;
            }

            reference.Add(Algorithm.Of(Child(model, Reference, stages)));
        }

        // Once in whole, to see what the estimate is worth.
        double? whole = model.Large ? null : Child(model, $"{s_formats[1]}-whole")[0];
        var table = new ResultTable(
            $"{model.Name}: thinking and answering beside the reference's algorithm",
            CompareBenchmark.Command,
            "weights",
            $"rollout, prompt {Prompt}, {Steps} steps, s",
            "the first in a process, s",
            "reference's algorithm on the same weights, s",
            "ratio",
            "on libtorch's operators in bfloat16, s",
            "ratio",
            "whole answer, s",
            "reference's algorithm on the same weights, s",
            "ratio",
            "on libtorch's operators in bfloat16, s",
            "ratio");
        for (int i = 0; i < s_formats.Length; i++)
        {
            IEnumerable<double> rollout = own[i].Select(result => result.Rollout), answer = own[i].Select(result => result.Answer);
            IEnumerable<double> sameRollout = own[i].Select(result => result.Same.Rollout), sameAnswer = own[i].Select(result => result.Same.Answer);
            IEnumerable<double> otherRollout = reference.Select(result => result.Rollout), otherAnswer = reference.Select(result => result.Answer);
            table.Add(
                s_formats[i],
                Spread.Of(rollout, "0.00"),
                Spread.Of(own[i].Select(result => result.First), "0.00"),
                Spread.Of(sameRollout),
                Spread.OfRatios(sameRollout, rollout, "0.0"),
                Spread.Of(otherRollout),
                Spread.OfRatios(otherRollout, rollout, "0.0"),
                Spread.Of(answer, "0.00"),
                Spread.Of(sameAnswer),
                Spread.OfRatios(sameAnswer, answer, "0.0"),
                Spread.Of(otherAnswer),
                Spread.OfRatios(otherAnswer, answer, "0.0"));
        }

        double estimated = SideBySide.Median(own[1].Select(result => result.Same.Rollout));
        table.WriteSection(
            CompareBenchmark.Name,
            CompareBenchmark.Page,
            $"Medians and ranges of {model.ThinkingProcesses} processes of each kind, which take turns; ratios are of pairs. The rollout is run once, and " +
            $"{Repeats} times more, of which the median counts; passes of the reference's algorithm are not the first of their process either. The answer: " +
            $"planner, critic and solver, {Rounds} rounds, {AnswerSteps} latent steps, {Tokens} tokens, prompts of {Lengths(stages)} positions; links of " +
            "random weights. " +
            $"The reference's algorithm is an estimate: passes over whole rows of {Samples} lengths between the shortest and the longest are timed and added " +
            "up for the lengths of all steps, in between by straight lines; writing is timed with a cache, as the reference writes. Left out, in its favour: " +
            "links, and the logits of each latent step, which it computes and does not use. " + (whole is null ? "" : string.Create(
                CultureInfo.InvariantCulture,
                $"Run in whole, its rollout on bf16 weights took {whole:0.0} s, where {estimated:0.0} s are estimated. ")) +
            "`bf16`: computed in bfloat16, packed; `auto`: weights as stored, computed in float32; libtorch's operators: on weights as they are mapped.");
    }

    /// <summary>All measurements of one format in this process.</summary>
    public static int Measure(string[] arguments)
    {
        (string format, string folder, string text) = (arguments[0], arguments[1], arguments[2]);
        string[] words = format.Split('-');
        ModelLoadOptions options = words[0] == Reference
            ? new ModelLoadOptions { Dtype = ModelDtype.Stored, Weights = WeightFormat.Plain, ManagedKernels = false }
            : OurEngine.Options(words[0]);
        using var system = new RealSystem(folder, options, text);
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        ICausalLanguageModel model = system.Model;
        using AdapterLink inner = RandomLink.Of(LinkTypeRegistry.DefaultInner, model.Configuration.HiddenSize, model.Dtype);
        Tensor embeddings = model.Embed(arange(Prompt).remainder(1000).add(20)); // [T, H]
        // Everything is compiled and every weight read once.
        Rollout(model, embeddings.narrow(0, 0, 64), inner, 3, cached: true);
        if (words.Length > 1)
        {
            ChildProcess.Print(Seconds(() => Rollout(model, embeddings, inner, Steps, cached: false)));
            return 0;
        }

        if (words[0] == Reference)
        {
            Algorithm estimate = Estimate(model, arguments[3]);
            ChildProcess.Print(estimate.Rollout, estimate.Answer);
            return 0;
        }

        double first = Seconds(() => Rollout(model, embeddings, inner, Steps, cached: true));
        double rollout = SideBySide.Median(Enumerable.Range(0, Repeats).Select(_ => Seconds(() => Rollout(model, embeddings, inner, Steps, cached: true))));
        system.AskAsync(20, 1, 2, 2).GetAwaiter().GetResult();
        MasAnswer? answer = null;
        double seconds = Seconds(() => answer = system.AskAsync(Words, Rounds, AnswerSteps, Tokens).GetAwaiter().GetResult());
        int[] lengths = [.. answer!.Stages.Select(stage => stage.Usage.PromptTokens)];
        Algorithm same = Estimate(model, string.Join(',', lengths));
        ChildProcess.Print([first, rollout, seconds, same.Rollout, same.Answer, .. lengths.Select(length => (double)length)]);
        return 0;
    }

    /// <summary>The rollout, or the reference's: the whole row anew at every step.</summary>
    private static void Rollout(ICausalLanguageModel model, Tensor embeddings, AdapterLink inner, int steps, bool cached)
    {
        using var scope = NewDisposeScope();
        using ModelCache? cache = cached ? model.CreateCache((int)embeddings.size(0) + steps) : null;
        Tensor next = embeddings;
        for (int step = 1; step <= steps; step++)
        {
            using var one = NewDisposeScope();
            Tensor mapped = inner.Forward(model.Forward(next, [new ForwardRow((int)next.size(0), cache)])[^1..]).to_type(model.Dtype);
            next = (cached ? mapped : cat([next, mapped])).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Seconds of the reference's algorithm for the rollout, and for an answer with prompts of these lengths, the writer's last.</summary>
    private static Algorithm Estimate(ICausalLanguageModel model, string stages)
    {
        int[] lengths = [.. stages.Split(',').Select(length => int.Parse(length, CultureInfo.InvariantCulture))];
        var rollout = new PassTimes(model, Prompt, Prompt + Steps - 1, Samples);
        var answer = new PassTimes(model, lengths.Min(), lengths.Max() + AnswerSteps - 1, Samples);
        return new Algorithm(
            rollout.Sum(Prompt, Steps),
            lengths[..^1].Sum(length => answer.Sum(length, AnswerSteps)) + answer.Sum(lengths[^1], 1) + Writing(model, lengths[^1]));
    }

    /// <summary>Seconds for all tokens but the first, which the prompt gives.</summary>
    private static double Writing(ICausalLanguageModel model, int prompt)
    {
        const int Measured = 24;
        using var scope = NewDisposeScope();
        using ModelCache cache = model.CreateCache(prompt + Tokens);
        model.Forward(model.Embed(arange(prompt).remainder(1000).add(20)), [new ForwardRow(prompt, cache)]);
        Tensor next = model.Embed(tensor(new long[] { 20 }));
        return (Tokens - 1.0) / Measured * Seconds(() =>
        {
            for (int token = 0; token < Measured; token++)
            {
                using var step = NewDisposeScope();
                Tensor state = model.Forward(next, [new ForwardRow(1, cache)]);
                next = model.Embed(tensor([model.Logits(state).argmax().ToInt64()])).MoveToOuterDisposeScope();
            }
        });
    }

    private static double[] Child(ComparedModel model, params string[] arguments) => ChildProcess.Numbers(
        [CompareBenchmark.Name, CompareBenchmark.Child, Part, arguments[0], model.Folder, model.Text!, .. arguments[1..]]);

    private static string Lengths(string stages)
    {
        int[] lengths = [.. stages.Split(',').Select(length => int.Parse(length, CultureInfo.InvariantCulture))];
        return $"{lengths.Min()} to {lengths.Max()}";
    }

    private static double Seconds(Action action)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Seconds of passes over whole rows, between measured lengths by straight lines.</summary>
    private sealed class PassTimes
    {
        private readonly (int Length, double Seconds)[] _measured;

        public PassTimes(ICausalLanguageModel model, int least, int most, int samples) => _measured =
            [.. Enumerable.Range(0, samples).Select(i => least + ((most - least) * i / (samples - 1))).Select(length => (length, Measure(model, length)))];

        /// <summary>Seconds of passes over rows that grow by one from a length on.</summary>
        public double Sum(int length, int passes) => Enumerable.Range(length, passes).Sum(At);

        private double At(int length)
        {
            int i = Math.Max(1, Array.FindIndex(_measured, sample => sample.Length >= length));
            ((int a, double from), (int b, double to)) = (_measured[i - 1], _measured[i]);
            return from + ((to - from) * (length - a) / (b - a));
        }

        private static double Measure(ICausalLanguageModel model, int length)
        {
            using var scope = NewDisposeScope();
            Tensor embeddings = model.Embed(arange(length).remainder(1000).add(20)); // [T, H]
            return Seconds(() => model.Forward(embeddings, [new ForwardRow(length, null)]));
        }
    }

    private sealed record Algorithm(double Rollout, double Answer)
    {
        public static Algorithm Of(double[] numbers) => new(numbers[0], numbers[1]);
    }

    private sealed record Result(double First, double Rollout, double Answer, Algorithm Same, string Stages)
    {
        public static Result Of(double[] numbers) =>
            new(numbers[0], numbers[1], numbers[2], new Algorithm(numbers[3], numbers[4]), string.Join(',', numbers[5..].Select(length => (int)length)));
    }
}
