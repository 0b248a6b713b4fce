using System.CommandLine;
using RecursiveMas.Tool.Commands;
using RecursiveMas.Tool.Output;

namespace RecursiveMas.Tool;

/// <summary>What the command line may say.</summary>
internal static class CommandLine
{
    private const string DownloadName = "download";
    private const string NameHelp = "A system (see 'recursivemas list'), OWNER/NAME of a model repository, or datasets/OWNER/NAME.";

    private static readonly Option<string?> s_cache =
        new("--cache") { Description = "Cache folder. Default: HF_HUB_CACHE, or 'hub' in HF_HOME, or ~/.cache/huggingface/hub.", Recursive = true };
    private static readonly Option<string?> s_endpoint =
        new("--endpoint") { Description = "Address of the hub. Default: HF_ENDPOINT, or the Hugging Face hub.", Recursive = true };
    private static readonly Option<bool> s_offline = new("--offline") { Description = "Never open a connection.", Recursive = true };
    private static readonly Option<bool> s_json = new("--json") { Description = "Write one JSON object instead of text.", Recursive = true };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "Write results and errors only.", Recursive = true };
    private static readonly Option<bool> s_yes = new("--yes", "-y") { Description = "Do not ask." };

    /// <summary>Parses the arguments and runs the command; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("Checkpoints of recursive multi-agent systems on this machine: downloaded once, verified, shared with Python tools.")
        {
            s_cache, s_endpoint, s_offline, s_json, s_quiet, List(), Download(), Verify(), Remove(), Where(),
        };
        ParseResult parsed = root.Parse(arguments);
        try
        {
            int code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
        }
        catch (OutputException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return ExitCode.Disk;
        }
    }

    private static Command List()
    {
        var name = new Argument<string?>("name") { Description = NameHelp, Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(
            "list",
            "Lists the released systems and what is on this machine; with a name, its repositories, sizes and licences.") { name };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, context => ListCommand.RunAsync(context, parsed.GetValue(name), cancellation)));
        return command;
    }

    private static Command Download()
    {
        var name = new Argument<string[]>("name") { Description = NameHelp, Arity = ArgumentArity.OneOrMore };
        var task = new Option<string[]>("--task") { Description = "For systems: tasks whose links are wanted (math, code). Default: all." };
        var revision = new Option<string?>("--revision") { Description = "For repositories: branch, tag or commit. Default: main." };
        var include = new Option<string[]>("--include") { Description = "For repositories: patterns of files that are wanted ('*' and '?')." };
        var exclude = new Option<string[]>("--exclude") { Description = "For repositories: patterns of files that are not wanted." };
        var all = new Option<bool>("--all-formats") { Description = "For repositories: the same weights in other formats too." };
        var command = new Command(
            DownloadName,
            "Downloads what is missing, goes on where an interrupted download ended, and verifies it.") { name, task, revision, include, exclude, all, s_yes };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, context => DownloadCommand.RunAsync(
            context,
            new DownloadRequest(
                parsed.GetValue(name)!,
                parsed.GetValue(task) ?? [],
                parsed.GetValue(revision),
                parsed.GetValue(include) ?? [],
                parsed.GetValue(exclude) ?? [],
                parsed.GetValue(all),
                parsed.GetValue(s_yes)),
            cancellation)));
        return command;
    }

    private static Command Verify()
    {
        var name = new Argument<string[]>("name") { Description = NameHelp + " Default: everything in the cache.", Arity = ArgumentArity.ZeroOrMore };
        var repair = new Option<bool>("--repair") { Description = "Remove damaged files, so that the next download brings them again." };
        var command = new Command("verify", "Reads files again and compares their hashes with those that the hub stated.") { name, repair };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed,
            context => VerifyCommand.RunAsync(context, parsed.GetValue(name) ?? [], parsed.GetValue(repair), cancellation)));
        return command;
    }

    private static Command Remove()
    {
        var name = new Argument<string[]>("name") { Description = NameHelp, Arity = ArgumentArity.OneOrMore };
        var command = new Command("remove", "Removes repositories from the cache, interrupted downloads included.") { name, s_yes };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed,
            context => RemoveCommand.RunAsync(context, parsed.GetValue(name)!, parsed.GetValue(s_yes), cancellation)));
        return command;
    }

    private static Command Where()
    {
        var name = new Argument<string?>("name") { Description = NameHelp + " Default: the cache itself.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("where", "Writes the folders that hold a system or repository.") { name };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, context => WhereCommand.RunAsync(context, parsed.GetValue(name), cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Func<CommandContext, Task<int>> command)
    {
        var output = new CommandOutput(parsed.GetValue(s_json), parsed.GetValue(s_quiet));
        try
        {
            Uri? endpoint = parsed.GetValue(s_endpoint) is { } text
                ? (Uri.TryCreate(text, UriKind.Absolute, out Uri? address)
                    ? address
                    : throw new InvalidOptionException("--endpoint", $"'{text}' is not an address."))
                : null;
            string? cache = parsed.GetValue(s_cache);
            if (cache is not null && string.IsNullOrWhiteSpace(cache))
                throw new InvalidOptionException(s_cache.Name, "is empty. Name a folder.");
            using var log = new WarningLog(output);
            using var client = new HubClient(
                new HubClientOptions
                {
                    CacheFolder = cache,
                    Endpoint = endpoint,
                    Offline = parsed.GetValue(s_offline) ? true : null,
                },
                log);
            return await command(new CommandContext(client, output));
        }
        catch (RecursiveMasException error)
        {
            int code = ExitCode.Of(error);
            output.Error(InItsWords(error), code, error is HubOfflineException offline ? offline.Missing : []);
            return code;
        }
        catch (OperationCanceledException)
        {
            bool downloading = parsed.CommandResult.Command.Name == DownloadName;
            output.Error("Cancelled." + (downloading ? " What has arrived is kept; the next download goes on from there." : ""), ExitCode.Cancelled, []);
            return ExitCode.Cancelled;
        }
    }

    /// <summary>The message of the library with the option as the command line calls it.</summary>
    private static string InItsWords(RecursiveMasException error) => error switch
    {
        InvalidOptionException { Option: nameof(HubClientOptions.CacheFolder) and var option } => s_cache.Name + error.Message[option.Length..],
        InvalidOptionException { Option: nameof(HubClientOptions.Endpoint) and var option } => s_endpoint.Name + error.Message[option.Length..],
        _ => error.Message,
    };
}
