using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What agents pass to each other.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MasChannel>))]
public enum MasChannel
{
    /// <summary>Latent blocks through outer links. The default.</summary>
    Latent,

    /// <summary>Each agent writes text, which fills the slot: a baseline, and a way to read what agents tell each other.</summary>
    Text,

    /// <summary>Control: slots stay empty and no latent steps are taken.</summary>
    None,

    /// <summary>Control: blocks of zeros.</summary>
    Zero,

    /// <summary>Control: Gaussian noise with the norm of each vector, seeded.</summary>
    Noise,

    /// <summary>Control: each question receives the blocks of another that runs beside it.</summary>
    Shuffled,
}

/// <summary>One run of the engine: one question on its way through the schedule.</summary>
public sealed record RunRequest
{
    /// <summary>The question.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required MasQuestion Question { get; init => field = Given.NotNull(value, nameof(Question)); }

    /// <summary>Where prompts come from.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required IPromptSource Prompts { get; init => field = Given.NotNull(value, nameof(Prompts)); }

    /// <summary>Number of rounds, at least 1.</summary>
    public required int Rounds { get; init; }

    /// <summary>Latent steps m of every rollout; with 0, empty blocks are passed on.</summary>
    public required int LatentSteps { get; init; }

    /// <summary>Maximum number of tokens of each text, at least 1.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>How tokens are chosen.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public SamplingOptions Sampling { get; init => field = Given.NotNull(value, nameof(Sampling)); } = new();

    /// <summary>
    /// Makes drawn texts, and the channel <see cref="MasChannel.Noise"/>, repeatable. Default: null, a new one for each text, and 0 for noise.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>
    /// Seeds of further answers that are drawn from the same thoughts: nothing before the answer is computed again. They become
    /// <see cref="MasAnswer.Alternatives"/>. Default: none.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<long> AlternativeSeeds { get; init => field = Given.NotNull(value, nameof(AlternativeSeeds)); } = [];

    /// <summary>
    /// The answer ends as soon as it contains one of these, which is not part of it; no answer pass follows then. Texts before the answer do not heed them.
    /// Default: none.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<string> StopSequences { get; init => field = Given.AllNotNull(value, nameof(StopSequences)); } = [];

    /// <summary>What agents pass to each other. Default: latent vectors.</summary>
    /// <exception cref="InvalidOptionException">There is no such channel.</exception>
    public MasChannel Channel { get; init => field = Given.Defined(value, nameof(Channel)); } = MasChannel.Latent;

    /// <summary>
    /// With <see cref="MasChannel.Shuffled"/> the questions that run beside this one. Default: none, so that the question receives its own blocks.
    /// </summary>
    public ShuffledNeighbours? Neighbours { get; init; }

    /// <summary>The question's place among <see cref="Neighbours"/>, from 0.</summary>
    public int Place { get; init; }

    /// <summary>
    /// Tokens that the trace names for each latent vector, at least 0: those that the sender's output head finds most likely. Costs a pass of that head for
    /// each rollout. Default: 0, none.
    /// </summary>
    /// <exception cref="InvalidOptionException">The value is negative.</exception>
    public int ReadOutTokens { get; init => field = Given.AtLeast(0, value, nameof(ReadOutTokens)); }

    /// <summary>Tools that agents may call while they write. Default: none.</summary>
    public ToolOptions? Tools { get; init; }

    /// <summary>
    /// Whether tools are called as the reference implementation calls them, for comparison with published figures: the whole text is read again behind each
    /// result, an answer ends at the limit of calls, and a call is noticed late. Default: false.
    /// </summary>
    public bool ReferenceTools { get; init; }

    /// <summary>Name of the system, for telemetry. Default: null, none.</summary>
    public string? System { get; init; }

    /// <summary>How long the question has waited before the run; it counts in telemetry. Default: not at all.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Whether telemetry holds what was asked, read and written. Default: false; names, numbers and times only.</summary>
    public bool TelemetryContent { get; init; }

    /// <summary>The variable <c>enable_thinking</c> of chat templates, see <see cref="AgentPrompt.EnableThinking"/>. Default: false.</summary>
    public bool EnableThinking { get; init; }

    /// <summary>Reads answers and decides about the answer pass. Default: none; texts stay as they are.</summary>
    public IAnswerReader? Answers { get; init; }
}
