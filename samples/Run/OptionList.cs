using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RecursiveMas.QuickStart;

namespace RecursiveMas.RunSample;

/// <summary>A setting that is on or off. Its option may stand alone, which a parser that knows it for a bool would not let 0 or 1 follow.</summary>
internal enum Switch
{
    Off,
    On,
}

/// <summary>The options by the names of the reference's runners. Each can be written with dashes in place of underscores.</summary>
internal static class OptionList
{
    public static readonly Option<string> Style =
        Arguments.Text("--style", "The system: one of the released or embedded ones, or with --system the one that a folder holds.", "name");
    public static readonly Option<string> System =
        Arguments.Text("--system", "A name as with --style, or a folder with the repositories of a system.", "name|folder");
    public static readonly Option<string> Shape =
        Arguments.Text("--mas_shape", "The system by its shape, as the reference's modules name it.", "chain|hie|distill|deliberation");
    public static readonly Option<string> DataSet =
        Arguments.Text(
            "--dataset", "math500, gpqa, medqa, mbppplus, … or a repository of the hub; 'tiny' for questions of an embedded system's own.", "name");
    public static readonly Option<string> Split = Arguments.Text("--dataset_split", "Its split. Default: the published one.", "name");
    public static readonly Option<string> File =
        Arguments.Text("--questions", "Questions of your own: .json, .jsonl, or text with a blank line between them.", "file");
    public static readonly Option<string> Wording =
        Arguments.Text("--wording", "JSON with the texts 'choice', 'tests' and 'starter' that are added to questions, such as the published ones.", "file");

    public static readonly Option<int?> Samples = Number("--num_samples", "How many questions; 0 or less for all.");
    public static readonly Option<Switch?> Shuffle = Flag("--shuffle", "Shuffle them first.");
    public static readonly Option<long?> Seed = Arguments.Seed("--seed", "Seed of everything that is drawn. Default: 42.");
    public static readonly Option<long?> SampleSeed = Arguments.Seed("--sample_seed", "Seed of texts alone; below 0 for that of --seed.");
    public static readonly Option<int?> Rollouts = Arguments.Number("--num_rollouts", "Answers to each question, from the same thoughts.", least: 1);
    public static readonly Option<IReadOnlyList<int>?> Rounds =
        Numbers("--num_recursive_rounds", "Rounds; several as in 1,2,3 for all of them in one run.", least: 1);
    public static readonly Option<int?> Batch = Arguments.Number("--batch_size", "Questions at once.", least: 1);
    public static readonly Option<IReadOnlyList<int>?> Length = Numbers(
        "--latent_length", "Latent steps; several for all of them in one run, the first is the one that is meant; 0 or less for 16, 32 and 48.", int.MinValue);

    public static readonly Option<IReadOnlyList<int>?> Steps = Numbers("--latent_steps", "The same, but 0 means none.", least: 0);
    public static readonly Option<string> Controls =
        Arguments.Text("--controls", "Baselines and controls in the same run: all, or some of text,alone,none,zero,noise,shuffled.", "list");
    public static readonly Option<double?> Temperature = Real("--temperature", "Temperature of drawn texts; code is drawn at 0.2.");
    public static readonly Option<double?> TopP = Real("--top_p", "Smallest set of tokens with this probability.");
    public static readonly Option<int?> TopK = Number("--top_k", "Most probable tokens to draw from; below 0 as the model's checkpoint says.");
    public static readonly Option<double?> MinP = Real("--min_p", "Smallest probability, as a share of the largest; below 0 for none.");
    public static readonly Option<Switch?> Draws = Flag("--do_sample", "Draw texts, or take the most probable tokens.");
    public static readonly Option<double?> Repetition = Real("--repetition_penalty", "Weakens tokens that were seen before.");
    public static readonly Option<double?> Presence = Real("--presence_penalty", "Accepted and without effect, as in the reference.");
    public static readonly Option<int?> Tokens = Arguments.Number("--max_new_tokens", "Maximum number of tokens of each text.", least: 1);
    public static readonly Option<Switch?> Answer = Flag("--ans", "Ask once more where a text holds no answer.");
    public static readonly Option<int?> AnswerTokens = Number("--ans_max_new_tokens", "Its tokens; 0 or less as published: 16, or 256 for code.");
    public static readonly Option<MasCompatibility?> Compat =
        Arguments.Choice<MasCompatibility>("--compat", "Behaviour of the reference, faults included, or the library's own.");
    public static readonly Option<string> Prompts =
        Arguments.Text("--prompts", "Prompts: a shipped catalogue, or a file such as tools/export-prompts.py writes.", "name|file");
    public static readonly Option<int?> OldPrompt =
        Number("--choice_old_prompt", "Sequential: 2 for lettered questions that want the letter alone; 0 for the box.");
    public static readonly Option<Switch?> QuestionFirst = Flag("--solver_pre_question", "Sequential: the solver reads the question before the plan.");
    public static readonly Option<Switch?> KeepsOrder = Flag("--gpqa_no_option_shuffle", "Leave the options of GPQA in the order of its file.");
    public static readonly Option<Switch?> PrivateTests = Flag("--lcb_use_private_tests", "LiveCodeBench: judge by private tests, too.");
    public static readonly Option<int?> LcbTimeout = Arguments.Number("--lcb_timeout_s", "LiveCodeBench: seconds of a test. Default: 6.", least: 1);
    public static readonly Option<int?> MbppTimeout = Arguments.Number("--mbppplus_timeout_s", "MBPP+: seconds of a program. Default: 10.", least: 1);
    public static readonly Option<int?> MbppTests =
        Arguments.Number("--mbppplus_num_prompt_tests", "MBPP+: tests that the question shows. Default: 3.", least: 0);
    public static readonly Option<string> MbppSubset = Anything("--mbppplus_subset", "MBPP+: configuration of the data set.");
    public static readonly Option<string> MbppCache =
        Anything("--mbppplus_cache_dir", "Accepted and without effect: data sets lie in the hub's cache (HF_HUB_CACHE).");
    public static readonly Option<int?> ToolRounds = Arguments.Number("--max_tool_rounds", "Deliberation: calls of tools an answer. Default: 5.", least: 0);
    public static readonly Option<double?> PythonTimeout = Real("--python_timeout", "Deliberation: seconds of a call. Default: 10.");
    public static readonly Option<string> PythonFolder =
        Anything("--python_cwd", "Accepted and without effect: programs run in a sandbox with a folder of their own.");
    public static readonly Option<int?> ResultChars = Arguments.Number("--result_max_chars", "Deliberation: characters of a result. Default: 6000.", least: 1);
    public static readonly Option<Switch?> Echo = Flag("--echo_last_expr", "Deliberation: print the value of a last expression. Default: 0, as published.");
    public static readonly Option<Switch?> Quiet = Flag("--quiet_tools", "Accepted and without effect: calls of tools stand in the results.");
    public static readonly Option<string> Keys =
        Arguments.Text("--tavily_keys_file", "Deliberation: file with keys of the search, one a line, used in turn. Default: TAVILY_API_KEY.", "file");
    public static readonly Option<string> Device =
        Arguments.Text("--device", "Device to compute on; auto, the default, takes a GPU if there is one.", "auto|cpu|cuda|cuda:N");
    public static readonly Option<ModelDtype?> Dtype = Arguments.Choice<ModelDtype>("--dtype", "Element type of the models.");
    public static readonly Option<ModelDtype?> OuterDtype = Arguments.Choice<ModelDtype>("--outer_dtype", "Element type of the links.");
    public static readonly Option<ModelResidency?> Residency =
        Arguments.Residency("--residency", "Models kept in memory: all, one at a time, or as many as fit into a budget.");
    public static readonly Option<WeightFormat?> Weights =
        Arguments.Choice<WeightFormat>("--weights", "How weights lie in memory on a CPU.");

    public static readonly Option<MemoryCheck?> Memory =
        Arguments.Choice<MemoryCheck>("--memory_check", "What happens if memory looks too small.");

    public static readonly Option<Switch?> Trust = Flag("--trust_remote_code", "Accepted and without effect: no code of a checkpoint ever runs.");
    public static readonly Option<Switch?> Thinking = Flag("--enable_thinking", "What chat templates are told. Default: 0, as published.");
    public static readonly Option<string> InnerFallback =
        Anything("--inner_adapter_type_fallback", "Accepted and without effect: manifests name the type of a link.");
    public static readonly Option<string> OuterFallback = Anything("--outer_adapter_type_fallback", "The same.");
    public static readonly Option<string[]> Checkpoints = Several(
        "--ckpt_override", "A repository in place of the system's own, by role or 'outer'; may be repeated.", "key=folder");

    public static readonly Option<string> OuterFolder = Arguments.Text("--outer_dir", "The same as --ckpt_override outer=FOLDER.", "folder");
    public static readonly Option<string> Output =
        Arguments.Text("--output", "Folder of the run: results, manifest, report. A run that was ended goes on in it.", "folder");
    public static readonly Option<string> ResultJsonl =
        Anything("--result_jsonl", "File that receives the results of the variant that is meant, when the run is complete.");
    public static readonly Option<string> JudgeModel = Arguments.Text(
        "--judge_model", "Model that gives a second opinion on answers that are texts (bamboogle, hotpotqa). Key: OPENAI_API_KEY.", "name");

    public static readonly Option<string> JudgeEndpoint = Arguments.Text(
        "--judge_endpoint", "Address of an OpenAI-compatible service that has it, such as http://localhost:8080/v1. Default: OpenAI's.", "url");

    public static readonly Option<string> Log = Arguments.Text(
        "--log", "File that every question is appended to as it is done: what agents read, the answer, the verdicts.", "file");

    public static readonly Option<string[]> Compare = Several(
        "--compare", "Folder of another run whose figures stand beside published ones; may be repeated.", "folder");

    public static readonly Option<bool> Offline = new("--offline") { Description = "Never open a connection." };
    public static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Download what is missing without asking." };

    /// <summary>Folders of single agents, by the reference's names of their places.</summary>
    public static readonly IReadOnlyDictionary<string, Option<string>> Models = new Dictionary<string, Option<string>>(StringComparer.Ordinal)
    {
        ["1"] = Model("agent1"), ["2"] = Model("agent2"), ["3"] = Model("agent3"), ["4"] = Model("agent4"), ["expert"] = Model("expert"),
        ["learner"] = Model("learner"), ["reflector"] = Model("reflector"), ["toolcaller"] = Model("toolcaller"),
    };

    /// <summary>Files of inner links of single agents, by the same keys.</summary>
    public static readonly IReadOnlyDictionary<string, Option<string>> InnerLinks = Models.ToDictionary(
        model => model.Key,
        model => Arguments.Text(
            model.Value.Name.Replace("_model_name_or_path", "_inner_aligner_path", StringComparison.Ordinal),
            "File of this agent's inner link, in place of the one in its repository.",
            "file"));

    /// <summary>Files of outer links, by the key of their edge.</summary>
    public static readonly IReadOnlyDictionary<string, Option<string>> OuterLinks = MasSystem.KnownSystems
        .SelectMany(name => MasSystem.GetDefinition(name).Graph.Edges).Select(edge => edge.Key).Distinct(StringComparer.Ordinal)
        .ToDictionary(key => key, key => Arguments.Text($"--{key}_path", "File of this outer link, in place of the one in the repository.", "file"));

    public static IEnumerable<Option> All =>
    [
        Style, System, Shape, DataSet, Split, File, Wording, Samples, Shuffle, Seed, SampleSeed, Rollouts, Rounds, Batch, Length, Steps, Controls,
        Temperature, TopP, TopK, MinP, Draws, Repetition, Presence, Tokens, Answer, AnswerTokens, Compat, Prompts, OldPrompt, QuestionFirst,
        KeepsOrder, PrivateTests, LcbTimeout, MbppTimeout, MbppTests, MbppSubset, MbppCache, ToolRounds, PythonTimeout, PythonFolder, ResultChars,
        Echo, Quiet, Keys, Device, Dtype, OuterDtype, Residency, Weights, Memory, Trust, Thinking, InnerFallback, OuterFallback, Checkpoints, OuterFolder,
        .. Models.Values, .. InnerLinks.Values, .. OuterLinks.Values, Output, ResultJsonl, JudgeModel, JudgeEndpoint, Log, Compare, Offline, Yes,
    ];

    /// <summary>Words of a command line with the names of options in one form: "--batch-size=8" is "--batch_size=8".</summary>
    public static string[] Normalise(IEnumerable<string> words) => [.. words.Select(word =>
    {
        if (!word.StartsWith("--", StringComparison.Ordinal))
            return word;
        int end = word.IndexOf('=', StringComparison.Ordinal);
        string name = end < 0 ? word : word[..end];
        return $"--{name[2..].Replace('-', '_')}{word[name.Length..]}";
    })];

    private static Option<string> Model(string name) =>
        Arguments.Text($"--{name}_model_name_or_path", "Folder of this agent, with its inner link, in place of the system's own.", "folder");

    private static Option<int?> Number(string name, string description) => Read<int?>(name, description, "number", text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new FormatException($"{name} needs a whole number, not '{text}'."));

    private static Option<double?> Real(string name, string description) => Read<double?>(name, description, "number", text =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw new FormatException($"{name} needs a number, not '{text}'."));

    private static Option<Switch?> Flag(string name, string description)
    {
        Option<Switch?> option = Read<Switch?>(name, description, "0|1", text => text.ToLowerInvariant() switch
        {
            "1" or "true" or "yes" => Switch.On,
            "0" or "false" or "no" => Switch.Off,
            _ => throw new FormatException($"{name} is 0 or 1, not '{text}'."),
        });
        option.Arity = ArgumentArity.ZeroOrOne;
        return option;
    }

    private static Option<IReadOnlyList<int>?> Numbers(string name, string description, int least) => Read<IReadOnlyList<int>?>(
        name,
        description,
        "number,…",
        text =>
        {
            int[] numbers = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(word => Number(word) ?? throw Wrong(text))];
            return numbers.Distinct().Count() == numbers.Length ? numbers : throw new FormatException($"{name} names a number twice: '{text}'.");

            int? Number(string word) =>
                int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least ? number : null;
            FormatException Wrong(string all) =>
                new(least == int.MinValue ? $"{name} needs whole numbers, not '{all}'." : $"{name} needs whole numbers of at least {least}, not '{all}'.");
        });

    private static Option<string[]> Several(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help, Arity = ArgumentArity.OneOrMore };

    private static Option<string> Anything(string name, string description) => Read<string>(name, description, "text", text => text);

    private static Option<T> Read<T>(string name, string description, string help, Func<string, T> read) => new(name)
    {
        Description = description,
        HelpName = help,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            try
            {
                return result.Tokens.Count == 0 ? read("1") : read(result.Tokens[0].Value);
            }
            catch (FormatException fault)
            {
                result.AddError(fault.Message);
                return default;
            }
        },
    };
}
