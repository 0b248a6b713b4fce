using System.Globalization;
using System.Text.Json;
using RecursiveMas.Agents;
using RecursiveMas.Testing;
using RecursiveMas.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Benchmarks;

/// <summary>
/// What formats of weights cost in exactness: errors against float64 and greedy tokens of a real model, and the accuracy of the tiny systems. Arguments:
/// the folder of SmolLM2 135M; --only real or tiny.
/// </summary>
internal static class LossBenchmark
{
    private const string Command = "dotnet run -c Release --project benchmarks/RecursiveMas.Benchmarks -- loss FOLDER";
    private const string Name = "loss", Page = "What formats of weights cost in exactness";
    private const int Tokens = 64;

    private static readonly string[] s_formats = ["auto", "packed", "bf16", "int8"];

    private static readonly string[] s_asked =
    [
        "Explain in three sentences why the sky is blue.", "Write a short story about a lighthouse keeper.", "What is the capital of France, and why?",
        "List five uses of a brick.", "How do vaccines work?", "Mia has 19 coins and loses 7. How many are left?", "Write a poem about winter.",
        "What is the difference between a comet and an asteroid?", "Give me a recipe for pancakes.", "Who was Marie Curie?",
        "Write a function in Python that reverses a list.", "Why do cats purr?",
    ];

    public static int Run(string[] arguments)
    {
        if (arguments.Length == 0)
        {
            Console.Error.WriteLine($"usage: {Command}");
            return 2;
        }

        string? only = arguments.SkipWhile(argument => argument != "--only").Skip(1).FirstOrDefault();
        if (only != "tiny")
            RealModel(arguments[0]);
        if (only != "real")
            TinySystems();
        return 0;
    }

    private static void RealModel(string path)
    {
        CheckpointFolder folder = CheckpointFolder.FromDirectory(path);
        var text = ChatTokenizer.Load(folder, parseSpecialTokens: false, TimeProvider.System);
        int[][] prompts =
            [.. s_asked.Select(question => text.Encode(new AgentPrompt(null, [PromptPart.Text(question)])).Pieces.SelectMany(ids => ids).ToArray())];
        using SafetensorsFile weights = SafetensorsFile.Open(folder, "model.safetensors");
        var oracle = new LlamaOracle(new LlamaShape(30, 9, 3, 100_000, 1e-5), name => weights.Get($"model.{name}"));
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        // What the stored weights write in float32 is read by all.
        int[][] written;
        using (ICausalLanguageModel model = CausalLanguageModel.Load(folder, OurEngine.Options("auto")))
            written = [.. prompts.Select(prompt => Write(model, prompt))];
        var exact = prompts.Zip(written, (prompt, ids) =>
        {
            Tensor states = oracle.States([.. Whole(prompt, ids)]);
            return (States: states, Logits: oracle.Logits(states));
        }).ToArray();
        var table = new ResultTable(
            "SmolLM2 135M",
            Command,
            "format",
            "error of states, largest",
            "mean",
            "error of logits, largest",
            "mean",
            "likeliest token agrees with float64",
            "greedy tokens until the first other one, median");
        foreach (string format in s_formats)
        {
            using var one = NewDisposeScope();
            using ICausalLanguageModel model = CausalLanguageModel.Load(folder, OurEngine.Options(format));
            Tensor[] states = [.. prompts.Zip(written, (prompt, ids) => Read(model, prompt, ids))], logits = [.. states.Select(model.Logits)];
            var errors = exact.Zip(states, (e, a) => Error(e.States, a)).ToArray();
            var scores = exact.Zip(logits, (e, a) => Error(e.Logits, a)).ToArray();
            double agree = exact.Zip(logits, (e, a) => e.Logits.argmax(-1).eq(a.argmax(-1)).to_type(ScalarType.Float64).mean().ToDouble()).Average();
            double same = SideBySide.Median(prompts.Zip(written, (prompt, ids) =>
                (double)Write(model, prompt).Zip(ids).TakeWhile(pair => pair.First == pair.Second).Count()));
            table.Add(
                format,
                Text(errors.Max(error => error.Largest)),
                Text(errors.Average(error => error.Mean)),
                Text(scores.Max(error => error.Largest)),
                Text(scores.Average(error => error.Mean)),
                agree.ToString("0.0 %", CultureInfo.InvariantCulture),
                $"{same:0} of {Tokens}");
        }

        table.WriteSection(
            Name,
            Page,
            $"{prompts.Length} questions and {Tokens} greedy tokens of the stored weights in float32 behind each: prompts are read in one piece, tokens one " +
            "by one, so that both ways of computing are in it. Errors are those against a computation in float64 of its own, of the largest magnitude in the " +
            "states or logits of a question; the mean is that of all numbers. `auto`: weights as stored, float32 inputs and sums; `packed`: float32 by " +
            "libtorch; `bf16`: computed in bfloat16; `int8`: a byte for each element and a factor for each row. Tokens until the first other one: each " +
            "format writes for itself.");
    }

    private static void TinySystems()
    {
        var table = new ResultTable("Tiny systems: right answers", Command, "system", "questions", "rounds", "auto", "int8", "equal texts");
        string goldens = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "..", "tests", "Goldens", "tiny");
        foreach ((string system, int most) in new[] { ("sequential_tiny", 3), ("mixture_tiny", 4) })
        {
            (string Question, string Answer)[] questions =
                [.. File.ReadLines(Path.Combine(goldens, system, "questions.jsonl")).Where(line => line.Length > 0).Select(Parse)];
            using MasSystem stored = MasSystem.Load(system, new MasOptions { Dtype = ModelDtype.Float32 });
            using MasSystem bytes = MasSystem.Load(system, new MasOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Int8 });
            for (int rounds = 1; rounds <= most; rounds++)
            {
                MasAnswer[] of = Ask(stored, questions, rounds), rounded = Ask(bytes, questions, rounds);
                table.Add(
                    system,
                    questions.Length,
                    rounds,
                    Right(of, questions),
                    Right(rounded, questions),
                    Share(of.Zip(rounded).Count(pair => pair.First.Text == pair.Second.Text), questions.Length));
            }
        }

        table.WriteSection(Name, Page, "The question sets of the tests' golden data, with the prompts that the systems ship with, greedy.");
    }

    private static MasAnswer[] Ask(MasSystem system, (string Question, string Answer)[] questions, int rounds)
    {
        var options = new AskOptions { Rounds = rounds, Sampling = new SamplingOptions { DoSample = false } };
        IAsyncEnumerable<MasResult> results = system.AskManyAsync(questions.Select(question => question.Question), options);
        return [.. results.ToBlockingEnumerable().OrderBy(result => result.Index).Select(result => result.AnswerOrThrow())];
    }

    private static string Right(MasAnswer[] answers, (string Question, string Answer)[] questions) =>
        Share(answers.Zip(questions).Count(pair => pair.First.Extracted?.Value == pair.Second.Answer), questions.Length);

    private static string Share(int some, int all) => string.Create(CultureInfo.InvariantCulture, $"{(double)some / all:0.0 %}");

    private static (string Question, string Answer) Parse(string line)
    {
        using JsonDocument row = JsonDocument.Parse(line);
        JsonElement answer = row.RootElement.GetProperty("answer");
        return (row.RootElement.GetProperty("question").GetString()!, answer.ValueKind == JsonValueKind.String ? answer.GetString()! : answer.GetRawText());
    }

    /// <summary>Greedy tokens behind a prompt.</summary>
    private static int[] Write(ICausalLanguageModel model, int[] prompt)
    {
        using var scope = NewDisposeScope();
        using ModelCache cache = model.CreateCache(prompt.Length + Tokens);
        int[] written = new int[Tokens];
        int[] next = prompt;
        for (int i = 0; i < Tokens; i++)
        {
            using var step = NewDisposeScope();
            Tensor state = model.Forward(Embed(model, next), [new ForwardRow(next.Length, cache)])[^1..];
            next = [written[i] = (int)model.Logits(state).argmax().ToInt64()];
        }

        return written;
    }

    /// <summary>States of all positions, [T, H]: the prompt in one piece, then the tokens one by one.</summary>
    private static Tensor Read(ICausalLanguageModel model, int[] prompt, int[] written)
    {
        using ModelCache cache = model.CreateCache(prompt.Length + written.Length);
        return cat(
        [
            model.Forward(Embed(model, prompt), [new ForwardRow(prompt.Length, cache)]),
            .. written[..^1].Select(id => model.Forward(Embed(model, [id]), [new ForwardRow(1, cache)])),
        ]);
    }

    private static IEnumerable<long> Whole(int[] prompt, int[] written) => prompt.Concat(written[..^1]).Select(id => (long)id);

    private static Tensor Embed(ICausalLanguageModel model, int[] ids) => model.Embed(tensor([.. ids.Select(id => (long)id)], int64));

    private static (double Largest, double Mean) Error(Tensor exact, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Tensor difference = (exact - actual.to_type(ScalarType.Float64)).abs() / exact.abs().max();
        return (difference.max().ToDouble(), difference.mean().ToDouble());
    }

    private static string Text(double error) => error.ToString("0.0e-0", CultureInfo.InvariantCulture);
}
