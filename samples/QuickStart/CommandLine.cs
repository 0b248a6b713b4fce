using System.CommandLine;

namespace RecursiveMas.QuickStart;

/// <summary>What the command line may say.</summary>
internal static class CommandLine
{
    private static readonly Argument<string[]> s_question =
        new("question")
        {
            Description = "The question. Without one: sample questions, then a prompt for yours; from a file or a pipe, each line is one.",
            Arity = ArgumentArity.ZeroOrMore,
        };
    private static readonly Option<string> s_system =
        Arguments.Text("--system", "Name of a system, or a folder with its repositories or with one model.", "name|folder");
    private static readonly Option<string> s_style =
        Arguments.Text("--style", "The system that a folder holds, where that cannot be told from its repositories.", "name");
    private static readonly Option<int?> s_rounds = Arguments.Number("--rounds", "Number of rounds.", least: 1, RecursionEngine.MaximumRounds);
    private static readonly Option<int?> s_steps = Arguments.Number("--latent-steps", "Latent steps of each agent in each round.", least: 0);
    private static readonly Option<int?> s_tokens = Arguments.Number("--max-new-tokens", "Maximum number of tokens of each text.", least: 1);
    private static readonly Option<MasChannel?> s_channel =
        Arguments.Choice<MasChannel>("--channel", "How agents hand over: latent vectors, text, or a control (none, zero, noise, shuffled).");
    private static readonly Option<TaskKind?> s_kind = Arguments.Choice<TaskKind>("--kind", "Kind of question.");
    private static readonly Option<long?> s_seed = Arguments.Seed("--seed", "Seed, for repeatable answers.");
    private static readonly Option<string> s_device =
        Arguments.Text("--device", "Device to compute on; auto, the default, takes a GPU if there is one.", "auto|cpu|cuda|cuda:N");
    private static readonly Option<ModelDtype?> s_dtype =
        Arguments.Choice<ModelDtype>("--dtype", "Element type to compute in. 'stored' takes the least memory.");
    private static readonly Option<WeightFormat?> s_weights = Arguments.Choice<WeightFormat>(
        "--weights", "How weights lie in memory: auto, as stored; packed, for prompts; int8, half of 16 bits; plain, as libtorch takes them.");
    private static readonly Option<ModelResidency?> s_residency =
        Arguments.Residency("--residency", "Models kept in memory: all, one at a time, or as many as fit into a budget such as 6GB.");
    private static readonly Option<MemoryCheck?> s_memory = Arguments.Choice<MemoryCheck>("--memory-check", "What to do when memory looks too small.");
    private static readonly Option<bool> s_offline = new("--offline") { Description = "Never open a connection." };
    private static readonly Option<bool> s_yes = new("--yes", "-y") { Description = "Download what a released system lacks without asking." };
    private static readonly Option<string> s_trace = Arguments.Text("--trace", "File for the trace: one line of JSON for each hop between agents.", "file");
    private static readonly Option<string> s_traceHtml =
        Arguments.Text("--trace-html", "File for the trace of the last question as a page to look at.", "file");
    private static readonly Option<int?> s_readOut =
        Arguments.Number("--read-out", "Tokens that the trace names for each latent vector, as the agent's own output head reads it.", least: 0);

    private static readonly Option<bool> s_doctor = new("--doctor")
    {
        Description = "Say what works on this machine and what to do about what does not, instead of asking; with --system about that one alone.",
    };

    /// <summary>Parses the arguments and runs the session; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Screen screen, CancellationToken cancellation)
    {
        RootCommand root = Root();
        root.SetAction((parsed, token) => parsed.GetValue(s_doctor)
            ? Doctor.RunAsync(parsed.GetValue(s_system), Read(parsed).Options, screen, token)
            : Session.RunAsync(Read(parsed), screen, token));
        ParseResult parsed = Parse(root, arguments);
        if (Fault(parsed, arguments) is { } fault)
        {
            screen.Fail($"{fault} --help lists the options.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = screen.Answers, ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false },
                cancellation);
        }
        catch (OutputException error)
        {
            screen.Fail(error.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>What a command line without fault asks for.</summary>
    internal static Settings Read(params string[] arguments) => Read(Parse(Root(), arguments));

    private static RootCommand Root() =>
        new("Asks a recursive multi-agent system a question. The answer goes to the standard output, everything else to the error stream.")
    {
        s_question, s_system, s_style, s_kind, s_rounds, s_steps, s_tokens, s_channel, s_seed, s_device, s_dtype, s_weights, s_residency, s_memory, s_offline,
        s_yes, s_trace, s_traceHtml, s_readOut, s_doctor,
    };

    private static ParseResult Parse(RootCommand root, string[] arguments)
    {
        // "[word]" and "@word" are part of the question, neither a directive nor a file with arguments.
        if (arguments is [['[', .., ']'] first, .. var others])
            arguments = [" " + first, .. others];
        return root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    private static Settings Read(ParseResult parsed) => new()
    {
        System = parsed.GetValue(s_system) ?? "sequential_tiny",
        Kind = parsed.GetValue(s_kind),
        Question = string.Join(' ', parsed.GetValue(s_question) ?? []).Trim(),
        Trace = parsed.GetValue(s_trace),
        TraceHtml = parsed.GetValue(s_traceHtml),
        Yes = parsed.GetValue(s_yes),
        Options = new MasOptions
        {
            Channel = parsed.GetValue(s_channel),
            Style = parsed.GetValue(s_style),
            Rounds = parsed.GetValue(s_rounds),
            LatentSteps = parsed.GetValue(s_steps),
            MaxNewTokens = parsed.GetValue(s_tokens),
            Seed = parsed.GetValue(s_seed),
            ReadOutTokens = parsed.GetValue(s_readOut),
            Device = parsed.GetValue(s_device) ?? "auto",
            Dtype = parsed.GetValue(s_dtype),
            Weights = parsed.GetValue(s_weights) ?? WeightFormat.Auto,
            Residency = parsed.GetValue(s_residency) ?? ModelResidency.All,
            MemoryCheck = parsed.GetValue(s_memory) ?? MemoryCheck.Refuse,
            Offline = parsed.GetValue(s_offline),
        },
    };

    /// <summary>What is wrong with the command line, in one sentence; null for nothing.</summary>
    private static string? Fault(ParseResult parsed, string[] arguments)
    {
        string[] words = [.. parsed.GetResult(s_question)?.Tokens.Select(token => token.Value) ?? []];
        // What stands behind "--" is a question whatever it looks like.
        int end = Array.IndexOf(arguments, "--");
        int literal = end < 0 ? 0 : arguments.Length - end - 1;
        if (words.SkipLast(literal).FirstOrDefault(Arguments.LooksLikeOption) is { } unknown)
            return Arguments.Shortened(Arguments.Unknown(unknown, parsed.CommandResult.Command.Options));
        if (parsed.Errors.Count > 0)
            return Arguments.Shortened(parsed.Errors[0].Message);
        return words.Length > 0 && words.All(string.IsNullOrWhiteSpace) ? "The question is empty." : null;
    }
}
