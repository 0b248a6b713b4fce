using System.Text.Json.Nodes;
using RecursiveMas.Evaluation.Tests.Runs;
using RecursiveMas.QuickStart;
using RecursiveMas.RunSample;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Sample;

public sealed class CommandLineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[]> Faults => new()
    {
        { "There is no option --batch_sise. Did you mean --batch_size? --help lists the options.", ["--style", "sequential_tiny", "--batch-sise", "8"] },
        { "There is no option --unheard_of.", ["--unheard-of=1"] },
        { "'words' belongs to no option.", ["--style", "sequential_tiny", "words"] },
        { "--batch_size needs a whole number from 1", ["--batch-size", "0"] },
        { "--temperature needs a number, not 'warm'.", ["--temperature", "warm"] },
        { "--num_recursive_rounds needs whole numbers of at least 1, not '1,0'.", ["--num_recursive_rounds", "1,0"] },
        { "--num_recursive_rounds names a number twice: '2,2'.", ["--num-recursive-rounds", "2,2"] },
        { "--shuffle is 0 or 1, not '2'.", ["--shuffle", "2"] },
        { "--mas_shape cannot be 'ring'; it is one of chain, hie, distill, deliberation.", ["--mas_shape", "ring"] },
        { "--controls cannot be 'magic'; it is all, or some of text, alone, none, zero, noise, shuffled.", ["--controls", "zero,magic"] },
        { "--latent_length and --latent_steps are two names for one thing. Give one.", ["--latent_length", "8", "--latent_steps", "8"] },
        { "--dataset and --questions both name questions. Give one.", ["--dataset", "math500", "--questions", "x.txt"] },
        { "There are no questions: name a data set with --dataset, or a file with --questions.", ["--style", "sequential_light"] },
        { "--enable_thinking is 0 or 1, not '2'.", ["--enable-thinking", "2"] },
        { "--ans_max_new_tokens needs a whole number, not 'few'.", ["--ans_max_new_tokens", "few"] },
        { "--style: 'nonsense' is neither a known system nor a folder. Known systems: ", ["--style", "nonsense"] },
        { "--system: '/nowhere' is neither a known system nor a folder.", ["--system", "/nowhere"] },
        { "--compare: /nowhere is no folder of a run", ["--num_samples", "2", "--compare", "/nowhere", "--output", "FOLDER"] },
        { "--result_jsonl: /nowhere/x is a folder, or in a folder that is not there.", ["--num_samples", "2", "--result_jsonl", "/nowhere/x"] },
        { "--judge_endpoint needs --judge_model", ["--judge_endpoint", "http://localhost:1/v1"] },
        { "--judge_endpoint needs an address", ["--judge_endpoint", "localhost", "--judge_model", "m"] },
        { "--choice_old_prompt is 0 or 2, not '1'.", ["--choice_old_prompt", "1"] },
        { "--ckpt_override needs KEY=FOLDER, not 'planner'.", ["--ckpt_override", "planner"] },
        { "'critics' is no part of sequential_tiny. Its parts: planner, critic, solver, outer.", ["--ckpt_override", "critics=/tmp"] },
        { "The folder of 'critic' is not there: /nowhere", ["--ckpt_override", "critic=/nowhere"] },
        { "'outer' has two folders: a and b. Give one.", ["--ckpt_override", "outer=a", "--outer_dir", "b"] },
        { "--style: 'sequental_tiny' is neither a known system nor a folder.", ["--style", "sequental_tiny", "--questions", "QUESTIONS"] },
        { "--dataset tiny is for mixture_tiny and sequential_tiny, not for sequential_light.", ["--style", "sequential_light", "--dataset", "tiny"] },
        { "--temperature: -1 is not possible", ["--temperature", "-1"] },
        { "--latent_length searches where it is 0 or less", ["--latent_length", "0,16"] },
        { "--num_samples: 2000 are more than 1000, the most for mixture_tiny.", ["--style", "mixture_tiny", "--num_samples", "2000"] },
        { "--prompts: 'poems' is not a catalogue of the library.", ["--prompts", "poems"] },
        { "--device: 'cpu:3' is not a device", ["--device", "cpu:3"] },
        { "--batch_size: 'Shuffled' gives each question the thoughts of another", ["--batch_size", "1", "--controls", "shuffled", "--output", "FOLDER"] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_is_one_sentence_on_the_error_stream_and_exit_code_2(string message, string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Path("own.txt"), "What is 1 + 1?", Token);
        arguments =
        [
            .. arguments.Select(word => word == "QUESTIONS" ? folder.Path("own.txt") : word == "FOLDER" ? folder.Path("run") : word),
        ];
        (int code, string answers, string notes) = await RunAsync(Token, arguments);
        Assert.Equal(2, code);
        Assert.Contains(message, notes, StringComparison.Ordinal);
        Assert.Equal("", answers);
        Assert.False(Directory.Exists(folder.Path("run")));
    }

    [Fact]
    public void Names_may_be_written_with_dashes_and_mean_what_the_reference_means()
    {
        Settings settings = CommandLine.Read(
            "--style", "sequential_light", "--dataset", "MATH500", "--batch-size", "32", "--temperature", "0.6", "--top-p=0.95", "--top_k", "-1", "--seed",
            "42", "--sample-seed", "-1", "--device", "cuda", "--trust-remote-code", "1",
            "--do_sample", "--min_p", "-1.0", "--latent_length", "0", "--ans", "1");
        Assert.Equal(("sequential_light", "MATH500", 32, "cuda"), (settings.System, settings.Questions.DataSet, settings.BatchSize, settings.Device));
        Assert.Equal(
            (true, 0.6, 0.95, (int?)null, (double?)null),
            (settings.Sampling.DoSample, settings.Sampling.Temperature, settings.Sampling.TopP, settings.Sampling.TopK, settings.Sampling.MinP));
        Assert.Equal((42L, (long?)null, true), (settings.Seed, settings.SampleSeed, settings.AnswerPass));
        Assert.Equal(((int?)null, (bool?)null), (settings.AnswerPassTokens, settings.EnableThinking));
        Assert.Equal(
            ((int?)32, (bool?)true),
            CommandLine.Read("--ans_max_new_tokens", "32", "--enable-thinking") is var own ? (own.AnswerPassTokens, own.EnableThinking) : default);
        Assert.Equal(
            ((int?)null, (bool?)false),
            CommandLine.Read("--ans_max_new_tokens", "-1", "--enable_thinking", "0") is var off ? (off.AnswerPassTokens, off.EnableThinking) : default);
        Assert.Empty(settings.LatentSteps!);
        Assert.Equal("--trust_remote_code has no effect: no code of a checkpoint ever runs", Assert.Single(settings.Notes));

        // The modules that the reference's runner calls have defaults of their own.
        Settings module = CommandLine.Read("--mas_shape", "hie");
        Assert.Equal(("mixture", "gsm8k", 100, 256, false), (
            module.System, module.Questions.DataSet, module.Questions.Samples, module.MaxNewTokens, module.AnswerPass));
        Assert.Equal([10], module.LatentSteps!);
        Assert.Equal([1], module.Rounds!);
        Assert.Equal([2], CommandLine.Read("--mas_shape", "chain").Rounds!);
        Settings parts = CommandLine.Read("--style", "sequential_light", "--dataset", "gsm8k", "--agent1_model_name_or_path", "p", "--outer_dir", "o");
        Assert.Equal([("1", "p"), ("outer", "o")], parts.Checkpoints.Select(part => (part.Key, part.Value)));
    }

    [Theory]
    [InlineData("sequential_light", "math500", 32, 48, 1000, 1)]
    [InlineData("sequential_light", "mbppplus", 16, 16, 4000, 1)]
    [InlineData("sequential_scaled", "math500", 16, 32, 2000, 1)]
    [InlineData("sequential_scaled", "gpqa", 16, 48, 4000, 1)]
    [InlineData("mixture", "medqa", 8, 32, 4000, 1)]
    [InlineData("sequential_light", "aime25", 8, 32, 8192, 10)]
    public void Recommended_settings_hold_where_nothing_is_given_and_are_said(string style, string set, int batch, int steps, int tokens, int rollouts)
    {
        (Settings settings, IReadOnlyList<string> notes) =
            Recommended.Complete(CommandLine.Read("--style", style, "--dataset", set), MasSystem.GetDefinition(style), set);
        Assert.Equal((batch, steps, tokens, rollouts), (settings.BatchSize, settings.LatentSteps![0], settings.MaxNewTokens, settings.Rollouts));
        Assert.Equal([3], settings.Rounds!);
        Assert.Equal(MasCompatibility.Reference, settings.Compatibility);
        Assert.Equal(set == "gpqa" ? "sequential-letter-only" : null, settings.Prompts);
        Assert.Contains($"--batch_size {batch} (recommended)", notes);
        Assert.Contains($"--latent_length {steps} (recommended)", notes);

        // What is given holds, and the recommendation is said.
        (settings, notes) = Recommended.Complete(
            CommandLine.Read("--style", style, "--dataset", set, "--batch_size", "3", "--latent_length", "0"), MasSystem.GetDefinition(style), set);
        Assert.Equal(3, settings.BatchSize);
        Assert.Equal([16, 32, 48], settings.LatentSteps!);
        Assert.True(settings.SearchesSteps);
        Assert.Contains($"--batch_size 3 as given ({batch} is recommended)", notes);
    }

    [Fact]
    public async Task Questions_of_ones_own_are_asked_and_the_last_line_is_the_accuracy()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.Path("own.jsonl"),
            """
            {"question": "Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?", "answer": "13", "id": "mia"}
            {"query": "Tom has 4 cards. January times 3. How many cards?", "answer": "11"}
            {"text": "Ida has 1 pens. January loses 1. How many pens?", "answer": "0"}
            """,
            Token);
        (int code, string answers, string notes) = await RunAsync(
            Token, "--style", "sequential_tiny", "--questions", folder.Path("own.jsonl"), "--output", folder.Path("run"),
            "--result_jsonl", folder.Path("copy.jsonl"), "--latent_steps", "5,0", "--device", TestDevice.Name);
        Assert.True(code == 0, notes);
        Assert.Equal("accuracy=66.67%", answers.TrimEnd().Split('\n')[^1]);
        (JsonObject[] rows, _) = TinyRun.Read(folder.Path("copy.jsonl"));
        Assert.Equal(["mia", "1", "2"], rows.Select(row => (string)row["question_id"]!));
        Assert.Equal([true, false, true], rows.Select(row => (bool)row["correct"]!));
        Assert.All(["report.md", "report.html", "manifest.json"], file => Assert.True(File.Exists(folder.Path($"run/{file}"))));

        // Without gold answers nothing is counted as right.
        await File.WriteAllTextAsync(folder.Path("own.txt"), "Mia has 19 coins. January gets 1. How many coins?", Token);
        (code, answers, notes) = await RunAsync(
            Token, "--style", "sequential_tiny", "--questions", folder.Path("own.txt"), "--output", folder.Path("none"), "--device", TestDevice.Name);
        Assert.True(code == 0, notes);
        Assert.Equal("accuracy=0.00%", answers.TrimEnd().Split('\n')[^1]);
        Assert.Contains("1 of 1 questions have no answer to compare with", notes, StringComparison.Ordinal);

        // The folder of another run is refused, and the way out is said.
        (code, _, notes) = await RunAsync(
            Token, "--style", "sequential_tiny", "--num_samples", "2", "--output", folder.Path("none"), "--device", TestDevice.Name);
        Assert.Equal(1, code);
        Assert.Contains("write into another folder (--output).", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_grows_from_session_to_session_and_options_reach_the_manifest()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "--style", "sequential_tiny", "--num_recursive_rounds", "1", "--device", TestDevice.Name, "--ans_max_new_tokens", "24", "--enable_thinking",
            "--log", folder.Path("log.txt"),
        ];
        foreach (int count in (int[])[2, 3])
        {
            (int code, _, string notes) = await RunAsync(
                Token, [.. arguments, "--num_samples", $"{count}", "--output", folder.Path($"run{count}")]);
            Assert.True(code == 0, notes);
        }

        string log = await File.ReadAllTextAsync(folder.Path("log.txt"), Token);
        Assert.Equal(5, log.Split('\n').Count(line => line.StartsWith("strict: ", StringComparison.Ordinal)));
        Assert.Equal(2, log.Split('\n').Count(line => line.StartsWith("right, strict: ", StringComparison.Ordinal)));
        JsonNode options = RunManifest.Load(folder.Path("run3")).Content["options"]!;
        Assert.Equal((24, true), ((int)options["answer_pass_tokens"]!, (bool)options["enable_thinking"]!));
        (int wrong, _, string refusal) = await RunAsync(
            Token, [.. arguments[..^2], "--log", folder.Path("no/such/folder/log.txt"), "--num_samples", "2", "--output", folder.Path("none")]);
        Assert.Equal(1, wrong);
        Assert.Contains("log.txt", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hosted_model_gives_a_second_opinion_on_texts()
    {
        using var folder = new TemporaryFolder();
        await using var service = new OpinionService("""{"role": "assistant", "content": "It is.\nVERDICT: right"}""");
        await File.WriteAllTextAsync(
            folder.Path("own.jsonl"),
            """
            {"question": "Mia has 19 coins. January gets 1. How many coins?", "answer": "a dozen and eight", "task": "reasoning"}
            """,
            Token);
        string[] arguments =
        [
            "--style", "sequential_tiny", "--prompts", "sequential", "--questions", folder.Path("own.jsonl"), "--device", TestDevice.Name,
            "--judge_model", "small", "--judge_endpoint", service.Address, "--output", folder.Path("run"),
        ];
        (int code, string answers, string notes) = await RunAsync(Token, arguments);
        Assert.True(code == 0, notes);
        Assert.Contains("100.0 % right as small, ", notes, StringComparison.Ordinal);
        // The last line is what the reference's scorer says, as ever.
        Assert.Equal("accuracy=0.00%", answers.TrimEnd().Split('\n')[^1]);
        JsonNode asked = JsonNode.Parse(Assert.Single(service.Asked))!;
        Assert.Equal("small", (string)asked["model"]!);
        Assert.Contains("a dozen and eight", asked.ToJsonString(), StringComparison.Ordinal);

        (code, _, notes) = await RunAsync(
            Token, "--style", "sequential_tiny", "--num_samples", "2", "--judge_model", "small", "--judge_endpoint", service.Address, "--output",
            folder.Path("numbers"), "--device", TestDevice.Name);
        Assert.True(code == 0, notes);
        Assert.Contains("--judge_model has no effect", notes, StringComparison.Ordinal);
        Assert.Single(service.Asked);
    }

    [Fact]
    public async Task Questions_that_fail_are_told_and_a_run_of_nothing_else_has_failed()
    {
        using var folder = new TemporaryFolder();
        string tooLong = string.Concat(Enumerable.Repeat("coins ", 5000));
        await File.WriteAllLinesAsync(folder.Path("all.jsonl"), [$$"""{"question": "{{tooLong}}", "answer": "1"}"""], Token);
        await File.WriteAllLinesAsync(
            folder.Path("some.jsonl"),
            [$$"""{"question": "{{tooLong}}", "answer": "1"}""", """{"question": "Mia has 19 coins. January gets 1. How many coins?", "answer": "20"}"""],
            Token);
        foreach ((string file, int expected, string told) in ((string, int, string)[])
            [("all", 1, "all 1 questions failed"), ("some", 0, "1 of 2 questions failed and count as wrong. Question 1: ")])
        {
            (int code, string answers, string notes) = await RunAsync(
                Token, "--style", "sequential_tiny", "--questions", folder.Path($"{file}.jsonl"), "--output", folder.Path(file), "--device", TestDevice.Name,
                "--wording", "/nowhere");
            Assert.True(code == expected, notes);
            Assert.Contains(told, notes, StringComparison.Ordinal);
            Assert.Contains("positions", notes, StringComparison.Ordinal);
            Assert.Contains("--wording has no effect", notes, StringComparison.Ordinal);
            Assert.StartsWith("accuracy=", answers.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Ways_out_of_too_little_memory_are_options_of_the_command_line()
    {
        var error = new NotEnoughMemoryException(
            "'x' needs about 9 GiB. It fits otherwise: Residency = OneAtATime and Weights = Int8 together take 2 GiB; LatentSteps of at most 8 takes 3 GiB; " +
            "MaxNewTokens of at most 9 takes 3 GiB. MasOptions.MemoryCheck = Warn goes on regardless.",
            1,
            1);
        Assert.Equal(
            "'x' needs about 9 GiB. It fits otherwise: --residency one and --weights int8 together take 2 GiB; --latent_length of at most 8 takes 3 GiB; " +
            "--max_new_tokens of at most 9 takes 3 GiB. --memory_check warn goes on regardless.",
            OptionNames.In(error));
        Settings settings = CommandLine.Read("--memory_check", "warn", "--residency", "one", "--weights", "int8");
        Assert.Equal(
            (MemoryCheck.Warn, ModelResidency.OneAtATime, WeightFormat.Int8), (settings.MemoryCheck, settings.Residency, settings.Weights));
    }

    [Fact]
    public async Task The_best_number_of_latent_steps_is_reported_where_it_is_searched_for()
    {
        using var folder = new TemporaryFolder();
        (int code, string answers, string notes) = await RunAsync(
            Token, "--style", "sequential_tiny", "--num_samples", "3", "--num_recursive_rounds", "1", "--latent_length", "-1", "--output", folder.Path("run"),
            "--device", TestDevice.Name);
        Assert.True(code == 0, notes);
        Assert.Contains("Best number of latent steps: ", notes, StringComparison.Ordinal);
        EvaluationResult run = EvaluationResult.Load(folder.Path("run"));
        Assert.Equal(["latent-r1-m16", "latent-r1-m32", "latent-r1-m48"], run.Variants.Select(one => one.Variant.Name));
        double best = 100 * run.Variants.Max(one => one.Summary.Reference.Questions.Rate);
        Assert.Equal(FormattableString.Invariant($"accuracy={best:0.00}%"), answers.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public async Task A_system_may_consist_of_folders_from_anywhere()
    {
        using var folder = new TemporaryFolder();
        string golden = Goldens.Folder("tiny", "sequential_tiny");
        string[] arguments =
        [
            "--style", "sequential_tiny", "--num_samples", "2", "--device", TestDevice.Name, "--output", folder.Path("run"),
            "--agent1_model_name_or_path", Path.Combine(golden, "Sequential-Tiny-Planner-Qwen3"),
            "--ckpt_override", $"critic={Path.Combine(golden, "Sequential-Tiny-Critic-Llama")}",
            "--outer_dir", Path.Combine(golden, "Sequential-Tiny-Outerlinks"),
        ];
        (int code, _, string notes) = await RunAsync(Token, arguments);
        Assert.Equal(2, code);
        Assert.Contains("Sequential-Tiny-Solver-Qwen2 has no folder", notes, StringComparison.Ordinal);
        (code, string answers, notes) =
            await RunAsync(Token, [.. arguments, "--ckpt_override", $"solver={Path.Combine(golden, "Sequential-Tiny-Solver-Qwen2")}"]);
        Assert.True(code == 0, notes);
        Assert.StartsWith("accuracy=", answers.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.True(Directory.Exists(Path.Combine(golden, "Sequential-Tiny-Solver-Qwen2")));
        JsonNode manifest = RunManifest.Load(folder.Path("run")).Content;
        Assert.Equal(
            Directory.GetFiles(Path.Combine(golden, "Sequential-Tiny-Solver-Qwen2")).Length,
            manifest["system"]!["agents"]!["solver"]!["files"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_link_may_be_a_single_file()
    {
        using var folder = new TemporaryFolder();
        string golden = Goldens.Folder("tiny", "sequential_tiny"), links = Path.Combine(golden, "Sequential-Tiny-Outerlinks");
        File.Copy(Path.Combine(links, "Planner-Critic-Outerlink.pt"), folder.Path("own-outer.pt"));
        File.Copy(Path.Combine(golden, "Sequential-Tiny-Solver-Qwen2", "adapter.pt"), folder.Path("own-inner.pt"));
        string[] arguments =
        [
            "--style", "sequential_tiny", "--system", golden, "--dataset", "tiny", "--num_samples", "2", "--device", TestDevice.Name,
            "--output", folder.Path("run"),
        ];
        (int code, string answers, string notes) =
            await RunAsync(Token, [.. arguments, "--outer_12_path", folder.Path("own-outer.pt"), "--agent3_inner_aligner_path", folder.Path("own-inner.pt")]);
        Assert.True(code == 0, notes);
        Assert.StartsWith("accuracy=", answers.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);

        // A name that leads out of its repository leads nowhere.
        string outside = folder.Path("links");
        foreach (string link in Directory.GetFiles(links))
            File.Copy(link, Path.Combine(Directory.CreateDirectory(outside).FullName, Path.GetFileName(link)));
        string list = Path.Combine(outside, "outerlink_config.json");
        await File.WriteAllTextAsync(
            list, (await File.ReadAllTextAsync(list, Token)).Replace("Planner-Critic-Outerlink.pt", "../../gone.pt", StringComparison.Ordinal), Token);
        (code, _, notes) = await RunAsync(Token, [.. arguments, "--outer_dir", outside, "--outer_12_path", folder.Path("own-outer.pt")]);
        Assert.Equal(2, code);
        Assert.Contains("'../../gone.pt', which lies outside", notes, StringComparison.Ordinal);

        // Files of other widths show that it is these that are read.
        (code, _, notes) = await RunAsync(Token, [.. arguments, "--outer_12_path", Path.Combine(links, "Critic-Solver-Outerlink.pt")]);
        Assert.Equal(1, code);
        Assert.Contains("Planner-Critic-Outerlink.pt", notes, StringComparison.Ordinal);
        (code, _, notes) = await RunAsync(Token, [.. arguments, "--agent1-inner-aligner-path", folder.Path("own-inner.pt")]);
        Assert.Equal(1, code);
        Assert.Contains("adapter.pt", notes, StringComparison.Ordinal);
        (code, _, notes) = await RunAsync(Token, [.. arguments, "--outer_el_path", folder.Path("own-outer.pt")]);
        Assert.Equal(2, code);
        Assert.Contains("--outer_el_path names no link of sequential_tiny", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_keeps_what_is_there_and_ends_with_130()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
            ["--style", "sequential_tiny", "--num_samples", "400", "--batch_size", "4", "--output", folder.Path("run"), "--device", TestDevice.Name];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<(int Code, string Answers, string Notes)> run = RunAsync(stop.Token, arguments);
        string file = folder.Path("run/latent-r3-m5.jsonl");
        while (!run.IsCompleted && (!File.Exists(file) || new FileInfo(file).Length < 20_000))
            await Task.Delay(10, Token);
        await stop.CancelAsync();
        (int code, string answers, string notes) = await run;
        Assert.True(code == 130, notes);
        Assert.Equal("", answers);
        Assert.Contains("The same command goes on from here.", notes, StringComparison.Ordinal);
        string[] lines = await File.ReadAllLinesAsync(file, Token);
        Assert.InRange(lines.Length, 5, 399);
        Assert.All(lines, line => Assert.NotNull(JsonNode.Parse(line)));
        Assert.EndsWith("\n", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
        Assert.Equal(lines.Length, (int)RunManifest.Load(folder.Path("run")).Content["sessions"]![0]!["questions_asked"]!);
    }

    private static async Task<(int Code, string Answers, string Notes)> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        using var answers = new StringWriter { NewLine = "\n" };
        using var notes = new StringWriter { NewLine = "\n" };
        int code = await CommandLine.RunAsync(arguments, new Screen(answers, notes, isLive: false, canAsk: false), cancellation);
        return (code, answers.ToString(), notes.ToString());
    }
}
