using System.CommandLine;
using System.CommandLine.Parsing;
using RecursiveMas.QuickStart;

namespace RecursiveMas.RunSample;

/// <summary>What the command line may say, and what it means.</summary>
internal static class CommandLine
{
    // The reference's modules, which its runner calls, have defaults of their own.
    private const string ModuleDataSet = "gsm8k";
    private const int ModuleSamples = 100, ModuleSteps = 10, ModuleTokens = 256;

    private static readonly Dictionary<string, (string Style, int Rounds)> s_shapes = new(StringComparer.Ordinal)
    {
        ["chain"] = ("sequential_light", 2), ["hie"] = ("mixture", 1), ["distill"] = ("distillation", 1), ["deliberation"] = ("deliberation", 1),
    };

    private static readonly Argument<string[]> s_stray = new("words") { Hidden = true, Arity = ArgumentArity.ZeroOrMore };

    /// <summary>Parses the arguments and runs; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Screen screen, CancellationToken cancellation)
    {
        RootCommand root = Root();
        root.SetAction((parsed, token) => Session.RunAsync(Read(parsed), screen, token));
        ParseResult parsed = root.Parse(OptionList.Normalise(arguments), new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            if (Fault(parsed) is { } fault)
                return Usage(screen, $"{fault} --help lists the options.");
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = screen.Answers, ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false },
                cancellation);
        }
        catch (FormatException fault)
        {
            return Usage(screen, fault.Message);
        }
        catch (InvalidOptionException fault)
        {
            return Usage(screen, OptionNames.Of(fault));
        }
        catch (OutputException error)
        {
            screen.Fail(error.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>What a command line without fault asks for.</summary>
    internal static Settings Read(params string[] arguments) => Read(Root().Parse(OptionList.Normalise(arguments)));

    private static int Usage(Screen screen, string fault)
    {
        screen.Fail(Arguments.Shortened(fault));
        return ExitCode.Usage;
    }

    private static RootCommand Root()
    {
        var root = new RootCommand(
            "Asks a recursive multi-agent system the questions of a data set and says what its answers are worth. The last line is the accuracy.") { s_stray };
        foreach (Option option in OptionList.All)
            root.Add(option);
        return root;
    }

    /// <summary>What is wrong with the command line, in one sentence; null for nothing.</summary>
    private static string? Fault(ParseResult parsed)
    {
        if (parsed.GetResult(s_stray)?.Tokens.Select(token => token.Value).FirstOrDefault() is { } stray)
        {
            return stray.StartsWith('-')
                ? Arguments.Unknown(stray, OptionList.All).Split(" If it is part")[0]
                : $"'{stray}' belongs to no option.";
        }

        return parsed.Errors.Count > 0 ? parsed.Errors[0].Message : null;
    }

    private static Settings Read(ParseResult parsed)
    {
        T? Get<T>(Option<T> option) => parsed.GetValue(option);
        bool? Is(Option<Switch?> option) => parsed.GetValue(option) is { } value ? value == Switch.On : null;
        var notes = new List<string>();
        bool module = Get(OptionList.Shape) is not null && Get(OptionList.Style) is null && Get(OptionList.System) is null;
        (string style, int rounds) = Get(OptionList.Shape) is not { } shape ? ("", 0)
            : s_shapes.TryGetValue(shape, out (string, int) known) ? known
            : throw new FormatException($"--mas_shape cannot be '{shape}'; it is one of {string.Join(", ", s_shapes.Keys)}.");
        string system = Get(OptionList.System) ?? Get(OptionList.Style) ?? (module ? style : "sequential_tiny");
        foreach ((Option option, string why) in ((Option, string)[])
            [
                (OptionList.Trust, "no code of a checkpoint ever runs"), (OptionList.Presence, "the reference ignores it, too"),
                (OptionList.MbppCache, "data sets lie in the hub's cache"), (OptionList.PythonFolder, "programs run in a sandbox with a folder of their own"),
                (OptionList.Quiet, "calls of tools stand in the results"),
                (OptionList.InnerFallback, "manifests name the type of a link"), (OptionList.OuterFallback, "manifests name the type of a link"),
            ])
        {
            if (parsed.GetResult(option) is { Implicit: false })
                notes.Add($"{option.Name} has no effect: {why}");
        }

        Refuse(
            Get(OptionList.Length) is not null && Get(OptionList.Steps) is not null,
            "--latent_length and --latent_steps are two names for one thing. Give one.");
        IReadOnlyList<int>? steps = Get(OptionList.Steps);
        if (Get(OptionList.Length) is { } lengths)
        {
            bool searches = lengths.Any(length => length <= 0);
            Refuse(searches && lengths.Count > 1, "--latent_length searches where it is 0 or less, so no other number stands beside it. Use --latent_steps.");
            steps = searches ? [] : lengths;
        }

        Refuse(
            Get(OptionList.JudgeEndpoint) is not null && Get(OptionList.JudgeModel) is null,
            "--judge_endpoint needs --judge_model, the name of a model there.");
        string? prompts = Get(OptionList.Prompts);
        if (Get(OptionList.OldPrompt) is { } old)
        {
            Refuse(old is not (0 or 2), $"--choice_old_prompt is 0 or 2, not '{old}'.");
            prompts ??= old == 2 ? "sequential-letter-only" : "sequential";
        }

        if (Is(OptionList.QuestionFirst) == true)
            prompts ??= "sequential-question-first";
        return new Settings
        {
            System = system,
            Style = Get(OptionList.System) is null ? null : Get(OptionList.Style),
            Questions = ReadQuestions(parsed, module, system),
            Seed = Get(OptionList.Seed),
            SampleSeed = Get(OptionList.SampleSeed) is >= 0 and var seed ? seed : null,
            Rollouts = Get(OptionList.Rollouts),
            Rounds = Get(OptionList.Rounds) ?? (module ? [rounds] : null),
            BatchSize = Get(OptionList.Batch),
            LatentSteps = steps ?? (module ? [ModuleSteps] : null),
            Controls = Controls(Get(OptionList.Controls)),
            Sampling = new SamplingOptions
            {
                DoSample = Is(OptionList.Draws) ?? (module ? false : null),
                Temperature = Get(OptionList.Temperature),
                TopP = Get(OptionList.TopP),
                TopK = Get(OptionList.TopK) is >= 0 and var most ? most : null,
                MinP = Get(OptionList.MinP) is >= 0 and var least ? least : null,
                RepetitionPenalty = Get(OptionList.Repetition),
            },
            MaxNewTokens = Get(OptionList.Tokens) ?? (module ? ModuleTokens : null),
            AnswerPass = Is(OptionList.Answer) ?? (module ? false : null),
            AnswerPassTokens = Get(OptionList.AnswerTokens) is > 0 and var tokens ? tokens : null,
            EnableThinking = Is(OptionList.Thinking),
            Compatibility = Get(OptionList.Compat),
            Prompts = prompts,
            Tools = new ToolSettings
            {
                MaxCalls = Get(OptionList.ToolRounds) ?? 5,
                PythonTimeout = Time(parsed, OptionList.PythonTimeout, 10),
                MaxResultChars = Get(OptionList.ResultChars) ?? 6000,
                TavilyKeys = Get(OptionList.Keys),
                EchoLastExpression = Is(OptionList.Echo) ?? false,
            },
            Device = Get(OptionList.Device) ?? "auto",
            Dtype = Get(OptionList.Dtype),
            LinkDtype = Get(OptionList.OuterDtype),
            Residency = Get(OptionList.Residency),
            Weights = Get(OptionList.Weights),
            MemoryCheck = Get(OptionList.Memory),
            Offline = Get(OptionList.Offline),
            Yes = Get(OptionList.Yes),
            Output = Get(OptionList.Output),
            ResultJsonl = Get(OptionList.ResultJsonl) is { Length: > 0 } file ? file : null,
            JudgeModel = Get(OptionList.JudgeModel),
            JudgeEndpoint = Endpoint(Get(OptionList.JudgeEndpoint)),
            Log = Get(OptionList.Log),
            Compare = Get(OptionList.Compare) ?? [],
            Checkpoints = Checkpoints(parsed),
            InnerLinks = Given(parsed, OptionList.InnerLinks),
            OuterLinks = Given(parsed, OptionList.OuterLinks),
            Notes = notes,
        };
    }

    private static QuestionSettings ReadQuestions(ParseResult parsed, bool module, string system)
    {
        bool Is(Option<Switch?> option) => parsed.GetValue(option) == Switch.On;
        string? file = parsed.GetValue(OptionList.File), set = parsed.GetValue(OptionList.DataSet);
        Refuse(file is not null && set is not null, "--dataset and --questions both name questions. Give one.");
        set ??= file is not null ? null : module ? ModuleDataSet : TinyQuestions.Systems.Contains(system) ? QuestionLoader.Tiny : null;
        Refuse(
            file is null && set is null && !MasSystem.KnownSystems.Contains(system) && !Directory.Exists(system),
            $"{(parsed.GetValue(OptionList.System) is null ? OptionList.Style : OptionList.System).Name}: '{system}' is neither a known system nor a folder. " +
            $"Known systems: {string.Join(", ", MasSystem.KnownSystems)}.");
        Refuse(file is null && set is null, "There are no questions: name a data set with --dataset, or a file with --questions.");
        return new QuestionSettings
        {
            DataSet = set,
            File = file,
            Wording = parsed.GetValue(OptionList.Wording),
            Split = parsed.GetValue(OptionList.Split),
            Samples = parsed.GetValue(OptionList.Samples) ?? (module ? ModuleSamples : null),
            Shuffle = Is(OptionList.Shuffle),
            GpqaKeepsOrder = Is(OptionList.KeepsOrder),
            TestsInPrompt = parsed.GetValue(OptionList.MbppTests) ?? 3,
            MbppSeconds = parsed.GetValue(OptionList.MbppTimeout) ?? 10,
            MbppSubset = parsed.GetValue(OptionList.MbppSubset) is { Length: > 0 } subset ? subset : null,
            LcbPrivateTests = Is(OptionList.PrivateTests),
            LcbSeconds = parsed.GetValue(OptionList.LcbTimeout) ?? 6,
        };
    }

    private static TimeSpan Time(ParseResult parsed, Option<double?> option, double usually)
    {
        double seconds = parsed.GetValue(option) ?? usually;
        Refuse(seconds is <= 0 or > 86_400, $"{option.Name} needs seconds from above 0 to 86400.");
        return TimeSpan.FromSeconds(seconds);
    }

    private static Uri? Endpoint(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" ? address
        : throw new FormatException($"--judge_endpoint needs an address that begins with http:// or https://, not '{text}'.");

    private static EvaluationMethod[] Controls(string? list)
    {
        EvaluationMethod[] all = [.. Enum.GetValues<EvaluationMethod>().Where(method => method != EvaluationMethod.Latent)];
        return list is null ? []
            : list == "all" ? all
            : [.. list.Split(',', StringSplitOptions.TrimEntries).Select(name =>
                all.Where(method => name.Equals($"{method}", StringComparison.OrdinalIgnoreCase)).Select(method => (EvaluationMethod?)method).FirstOrDefault()
                    ?? throw new FormatException($"--controls cannot be '{name}'; it is all, or some of {string.Join(", ", all).ToLowerInvariant()}."))];
    }

    private static Dictionary<string, string> Checkpoints(ParseResult parsed)
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(string key, string folder)
        {
            if (!folders.TryAdd(key, folder))
                throw new FormatException($"'{key}' has two folders: {folders[key]} and {folder}. Give one.");
        }

        foreach (string pair in parsed.GetValue(OptionList.Checkpoints) ?? [])
        {
            int mark = pair.IndexOf('=', StringComparison.Ordinal);
            Refuse(mark <= 0 || mark == pair.Length - 1, $"--ckpt_override needs KEY=FOLDER, not '{pair}'.");
            Add(pair[..mark], pair[(mark + 1)..]);
        }

        foreach ((string place, Option<string> option) in OptionList.Models)
        {
            if (parsed.GetValue(option) is { } folder)
                Add(place, folder);
        }

        if (parsed.GetValue(OptionList.OuterFolder) is { } outer)
            Add(OwnCheckpoints.Outer, outer);
        return folders;
    }

    private static Dictionary<string, string> Given(ParseResult parsed, IReadOnlyDictionary<string, Option<string>> options) => options
        .Select(option => (option.Key, Value: parsed.GetValue(option.Value))).Where(pair => pair.Value is not null)
        .ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal);

    private static void Refuse(bool wrong, string why)
    {
        if (wrong)
            throw new FormatException(why);
    }
}
