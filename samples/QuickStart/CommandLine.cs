using System.CommandLine;

namespace RecursiveMas.QuickStart;

/// <summary>What the command line may say.</summary>
internal static class CommandLine
{
    private static readonly Argument<string[]> s_question = new("question") { Description = "The question. Without one: two sample questions, then a prompt.", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string> s_system = new("--system") { Description = "Name of a system, or a folder with its repositories.", DefaultValueFactory = _ => "sequential_tiny" };
    private static readonly Option<string?> s_style = new("--style") { Description = "Style of the folder, where it cannot be told from its repositories." };
    private static readonly Option<int?> s_rounds = new("--rounds") { Description = "Rounds, at least 1." };
    private static readonly Option<int?> s_steps = new("--latent-steps") { Description = "Latent steps of each rollout, at least 0." };
    private static readonly Option<int?> s_tokens = new("--max-new-tokens") { Description = "Most tokens of a text." };
    private static readonly Option<MasChannel> s_channel = new("--channel") { Description = "How agents hand over: latent, text, or a control (none, zero, noise, shuffled).", DefaultValueFactory = _ => MasChannel.Latent };
    private static readonly Option<TaskKind> s_kind = new("--kind") { Description = "Kind of question: math, choice, code, free.", DefaultValueFactory = _ => TaskKind.Math };
    private static readonly Option<long?> s_seed = new("--seed") { Description = "Seed, for repeatable texts." };
    private static readonly Option<string> s_device = new("--device") { Description = "cpu, cuda, cuda:N.", DefaultValueFactory = _ => "cpu" };
    private static readonly Option<FileInfo?> s_trace = new("--trace") { Description = "File for the trace: one JSON object a hop." };

    /// <summary>Parses the arguments and runs the session; returns the exit code.</summary>
    public static Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("Asks a recursive multi-agent system a question.")
        {
            s_question, s_system, s_style, s_rounds, s_steps, s_tokens, s_channel, s_kind, s_seed, s_device, s_trace,
        };
        root.SetAction(async (parsed, cancellation) =>
        {
            var options = new MasOptions
            {
                Style = parsed.GetValue(s_style),
                Rounds = parsed.GetValue(s_rounds),
                LatentSteps = parsed.GetValue(s_steps),
                MaxNewTokens = parsed.GetValue(s_tokens),
                Channel = parsed.GetValue(s_channel),
                Seed = parsed.GetValue(s_seed),
                Device = parsed.GetValue(s_device)!,
            };
            string question = string.Join(' ', parsed.GetValue(s_question) ?? []);
            return await Session.RunAsync(parsed.GetValue(s_system)!, options, parsed.GetValue(s_kind), question, parsed.GetValue(s_trace), cancellation);
        });
        return root.Parse(arguments).InvokeAsync();
    }
}
