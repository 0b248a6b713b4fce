namespace RecursiveMas.RunSample;

/// <summary>What the command line asks for. What is null was not given.</summary>
internal sealed record Settings
{
    /// <summary>Name of a system, or a folder with its repositories.</summary>
    public required string System { get; init; }

    /// <summary>Name of the system that a folder holds; null if its repositories tell.</summary>
    public string? Style { get; init; }

    public required QuestionSettings Questions { get; init; }

    public long? Seed { get; init; }

    public long? SampleSeed { get; init; }

    public int? Rollouts { get; init; }

    /// <summary>Numbers of rounds; the largest is the one that is meant.</summary>
    public IReadOnlyList<int>? Rounds { get; init; }

    public int? BatchSize { get; init; }

    /// <summary>Numbers of latent steps; the first is the one that is meant. Empty: 16, 32 and 48, of which the best is reported.</summary>
    public IReadOnlyList<int>? LatentSteps { get; init; }

    /// <summary>Whether the number of latent steps is searched for: the best one is reported.</summary>
    public bool SearchesSteps { get; init; }

    public IReadOnlyList<EvaluationMethod> Controls { get; init; } = [];

    public SamplingOptions Sampling { get; init; } = new();

    public int? MaxNewTokens { get; init; }

    public bool? AnswerPass { get; init; }

    /// <summary>Tokens of an answer pass; null for as published.</summary>
    public int? AnswerPassTokens { get; init; }

    public bool? EnableThinking { get; init; }

    public MasCompatibility? Compatibility { get; init; }

    /// <summary>Name of a shipped catalogue of prompts, or its file; null for the system's own.</summary>
    public string? Prompts { get; init; }

    public ToolSettings Tools { get; init; } = new();

    public string Device { get; init; } = "auto";

    public ModelDtype? Dtype { get; init; }

    public ModelDtype? LinkDtype { get; init; }

    public ModelResidency? Residency { get; init; }

    public WeightFormat? Weights { get; init; }

    public MemoryCheck? MemoryCheck { get; init; }

    public bool Offline { get; init; }

    public bool Yes { get; init; }

    /// <summary>Folder of the run; null for one that is named after system and questions.</summary>
    public string? Output { get; init; }

    /// <summary>A copy of the results of the variant that is meant; null for none.</summary>
    public string? ResultJsonl { get; init; }

    /// <summary>Name of a hosted model that gives a second opinion on answers that are texts; null for none.</summary>
    public string? JudgeModel { get; init; }

    /// <summary>Where it is; null for where OpenAI's models are.</summary>
    public Uri? JudgeEndpoint { get; init; }

    /// <summary>A file that what is asked, read and answered is appended to, for people; null for none.</summary>
    public string? Log { get; init; }

    /// <summary>Folders of other runs, whose figures the report sets beside published ones.</summary>
    public IReadOnlyList<string> Compare { get; init; } = [];

    /// <summary>Repositories in place of those of the system: folders by role, and "outer" for the links.</summary>
    public IReadOnlyDictionary<string, string> Checkpoints { get; init; } = new Dictionary<string, string>();

    /// <summary>Single files in place of inner links, by the place of an agent or its role.</summary>
    public IReadOnlyDictionary<string, string> InnerLinks { get; init; } = new Dictionary<string, string>();

    /// <summary>Single files in place of outer links, by the key of their edge.</summary>
    public IReadOnlyDictionary<string, string> OuterLinks { get; init; } = new Dictionary<string, string>();

    public bool HasOwnParts => Checkpoints.Count + InnerLinks.Count + OuterLinks.Count > 0;

    /// <summary>What was accepted without effect, or is worth knowing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>Which questions are asked.</summary>
internal sealed record QuestionSettings
{
    /// <summary>Name of a data set, or "tiny" for those that an embedded system has of its own; null if a file is given.</summary>
    public string? DataSet { get; init; }

    public string? Split { get; init; }

    /// <summary>File with questions of one's own.</summary>
    public string? File { get; init; }

    /// <summary>File with what is added to published questions; null for the library's own words.</summary>
    public string? Wording { get; init; }

    /// <summary>How many; 0 for all.</summary>
    public int? Samples { get; init; }

    public bool Shuffle { get; init; }

    public bool GpqaKeepsOrder { get; init; }

    public int TestsInPrompt { get; init; } = 3;

    public int MbppSeconds { get; init; } = 10;

    public string? MbppSubset { get; init; }

    public bool LcbPrivateTests { get; init; }

    public int LcbSeconds { get; init; } = 6;
}

/// <summary>Tools of the writer of "deliberation".</summary>
internal sealed record ToolSettings
{
    public int MaxCalls { get; init; } = 5;

    public TimeSpan PythonTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public int MaxResultChars { get; init; } = 6000;

    /// <summary>File with keys for the search, one a line; null for the environment.</summary>
    public string? TavilyKeys { get; init; }

    public bool EchoLastExpression { get; init; }
}
