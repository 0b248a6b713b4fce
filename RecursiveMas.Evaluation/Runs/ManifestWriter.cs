using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RecursiveMas.Shared;
using TorchSharp;

namespace RecursiveMas.Runs;

/// <summary>Describes what a run is made of.</summary>
internal static class ManifestWriter
{
    private const int Format = 2, Sha256Digits = 64;

    // Systems draw code at this temperature unless they are told otherwise.
    private const double CodeTemperature = 0.2;

    /// <summary>Describes a run; every file of the system is read to its end, unless its SHA-256 is known.</summary>
    public static RunManifest Write(
        MasSystem system, QuestionSet set, EvaluationOptions options, IReadOnlyList<EvaluationVariant> variants, CancellationToken cancellationToken)
    {
        var content = new JsonObject
        {
            ["format"] = Format,
            ["run"] = "",
            ["questions"] = Questions(set),
            ["system"] = Describe(system, cancellationToken),
            ["options"] = Options(system, set, options),
            ["versions"] = Versions(),
            ["variants"] = new JsonArray([.. variants.Select(RunFolder.Describe)]),
            ["sessions"] = new JsonArray(Session()),
        };
        content["run"] = RunManifest.RunOf(content);
        return new RunManifest(content);
    }

    private static JsonObject Questions(QuestionSet set) => new()
    {
        ["name"] = set.Name,
        ["source"] = set.Source.Location,
        ["configuration"] = set.Source.Configuration,
        ["split"] = set.Source.Split,
        ["revision"] = set.Source.Revision,
        ["files"] = new JsonArray([.. set.Source.Files.Select(file => (JsonNode)File(file.Path, file.Size, file.Sha256))]),
        ["available"] = set.Available,
        ["count"] = set.Questions.Count,
        ["kinds"] = string.Join(", ", set.Questions.Select(question => question.Kind).Distinct().Order()),
        ["sha256"] = Sha256(set.Questions.SelectMany(question =>
            (string[])[question.Id, question.Text, question.Gold ?? "\u0001", question.ReferenceGold ?? ""])),
        ["wording"] = new JsonObject
        {
            ["is_published"] = set.Wording.IsPublished,
            ["sha256"] = Sha256([set.Wording.ChoiceSentence, set.Wording.TestsLead, set.Wording.StarterLead]),
        },
        ["faults"] = new JsonArray([.. set.Faults.Select(fault => (JsonNode)$"{fault.QuestionId}, {fault.Field}: {fault.Message}")]),
    };

    private static JsonObject Describe(MasSystem system, CancellationToken cancellationToken)
    {
        var agents = new JsonObject();
        // Agents that share a repository share what is known of it.
        var read = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach ((string name, IAgent agent) in system.Agents)
        {
            JsonObject described = system.AgentFolders.TryGetValue(name, out CheckpointFolder? folder)
                ? Files(folder, read, cancellationToken)
                : new JsonObject();
            described["type"] = agent is LatentAgent { Model: var model } ? model.Configuration.ModelType : agent.GetType().Name;
            if (agent is LatentAgent latent)
            {
                described["dtype"] = $"{latent.Model.Dtype}";
                described["device"] = $"{latent.Model.Device}";
            }

            agents[name] = described;
        }

        var catalogue = system.PromptSource as PromptCatalogue;
        return new JsonObject
        {
            ["name"] = system.Style.Name,
            ["agents"] = agents,
            ["links"] = system.LinkFolder is { } links ? Files(links, read, cancellationToken) : null,
            ["prompts"] = new JsonObject
            {
                ["name"] = catalogue?.Name ?? system.PromptSource.GetType().Name,
                ["version"] = catalogue?.Version,
                ["sha256"] = catalogue?.Hash,
            },
        };
    }

    private static JsonObject Files(CheckpointFolder folder, Dictionary<string, JsonObject> read, CancellationToken cancellationToken)
    {
        if (!read.TryGetValue(folder.Name, out JsonObject? described))
        {
            var files = new JsonArray();
            foreach (string file in folder.Files.Order(StringComparer.Ordinal))
            {
                cancellationToken.ThrowIfCancellationRequested();
                files.Add((JsonNode)File(file, folder.GetLength(file), Sha256(folder, file)));
            }

            // A snapshot of a hub cache is named after its commit.
            string[] path = folder.Name.Split('/', '\\');
            described = new JsonObject { ["revision"] = path is [.., "snapshots", var commit] ? commit : null, ["files"] = files };
            read.Add(folder.Name, described);
        }

        return (JsonObject)described.DeepClone();
    }

    private static JsonObject File(string path, long size, string sha256) => new() { ["path"] = path, ["bytes"] = size, ["sha256"] = sha256 };

    private static string Sha256(CheckpointFolder folder, string file)
    {
        if (folder.GetContentHash(file) is { Length: Sha256Digits } known && known.All(char.IsAsciiHexDigitLower))
            return known;
        using Stream stream = folder.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Sha256(IEnumerable<string> texts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', texts))));

    private static JsonObject Options(MasSystem system, QuestionSet set, EvaluationOptions options)
    {
        MasOptions loaded = system.Options;
        bool codeIsCold = set.Questions.Any(question => question.Kind == TaskKind.Code)
            && ((options.Sampling?.Temperature ?? loaded.Sampling?.Temperature) is null || loaded.Compatibility == MasCompatibility.Reference);
        SamplingOptions sampling = SamplingOf(system, options);
        ToolOptions? tools = options.Tools ?? loaded.Tools;
        return new JsonObject
        {
            ["num_rollouts"] = options.Rollouts,
            ["seed"] = options.Seed,
            ["batch_size"] = options.BatchSize,
            ["max_new_tokens"] = options.MaxNewTokens ?? loaded.MaxNewTokens ?? system.Style.Defaults.MaxNewTokens,
            ["answer_pass"] = options.AnswerPass ?? loaded.AnswerPass ?? true,
            ["answer_pass_tokens"] = options.AnswerPassTokens ?? loaded.AnswerPassTokens,
            ["enable_thinking"] = options.EnableThinking ?? loaded.EnableThinking ?? false,
            ["sampling"] = new JsonObject
            {
                ["do_sample"] = sampling.DoSample,
                ["temperature"] = sampling.Temperature,
                ["top_p"] = sampling.TopP,
                ["top_k"] = sampling.TopK,
                ["min_p"] = sampling.MinP,
                ["repetition_penalty"] = sampling.RepetitionPenalty,
                ["min_new_tokens"] = sampling.MinNewTokens,
                ["min_length"] = sampling.MinLength,
                ["temperature_of_code"] = codeIsCold && sampling.DoSample == true ? CodeTemperature : null,
            },
            ["stop_sequences"] = new JsonArray([.. (loaded.StopSequences ?? []).Select(text => (JsonNode)text)]),
            ["compatibility"] = $"{loaded.Compatibility}",
            ["weights"] = $"{loaded.Weights}",
            ["link_dtype"] = $"{loaded.LinkDtype}",
            ["tools"] = tools is null ? null : new JsonObject
            {
                ["names"] = new JsonArray([.. tools.Tools.Concat(tools.AgentTools.Values.SelectMany(own => own)).Select(tool => (JsonNode)tool.Name)]),
                ["max_calls"] = tools.MaxCalls,
                ["max_result_chars"] = tools.MaxResultChars,
            },
            ["code_judge"] = options.CodeJudge?.Name,
            ["answer_judge"] = options.AnswerJudge?.Name,
            ["alone_prompts"] = options.AlonePrompts switch
            {
                null => $"built-in {AlonePrompts.Version}",
                PromptCatalogue own => own.Hash,
                { } other => other.GetType().Name,
            },
        };
    }

    /// <summary>How tokens are chosen, when all is said.</summary>
    public static SamplingOptions SamplingOf(MasSystem system, EvaluationOptions options) =>
        (options.Sampling ?? new SamplingOptions()).Over(system.Options.Sampling).Over(system.Style.Defaults.Sampling);

    private static JsonObject Versions() => new()
    {
        ["recursivemas"] = Version(typeof(ManifestWriter).Assembly),
        ["torchsharp"] = Version(typeof(torch).Assembly),
    };

    private static JsonObject Session() => new()
    {
        ["started"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["machine"] = new JsonObject
        {
            ["system"] = RuntimeInformation.OSDescription,
            ["architecture"] = $"{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant(),
            ["processor"] = Processor(),
            ["processors"] = Environment.ProcessorCount,
            ["memory"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            ["runtime"] = RuntimeInformation.FrameworkDescription,
        },
    };

    private static string? Processor()
    {
        const string File = "/proc/cpuinfo", Name = "model name";
        try
        {
            return System.IO.File.Exists(File)
                ? System.IO.File.ReadLines(File).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
                : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        }
        catch (Exception error) when (FileFaults.IsOfTheSystem(error))
        {
            return null;
        }
    }

    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{assembly.GetName().Version}";
}
