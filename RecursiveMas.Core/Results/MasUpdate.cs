using System.Globalization;
using System.Text.Json.Serialization;
using RecursiveMas.Shared;
using TorchSharp;

namespace RecursiveMas;

/// <summary>Something that happened in a run. Streams, traces, progress bars and logs all listen to these.</summary>
/// <remarks>System.Text.Json writes and reads it with its kind as the property "type", so that an endpoint can return a stream as it is.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(StageStarted), "stage_started")]
[JsonDerivedType(typeof(StageCompleted), "stage_completed")]
[JsonDerivedType(typeof(LatentStepTaken), "latent_step_taken")]
[JsonDerivedType(typeof(HopCrossed), "hop_crossed")]
[JsonDerivedType(typeof(TokenWritten), "token_written")]
[JsonDerivedType(typeof(ToolCallStarted), "tool_call_started")]
[JsonDerivedType(typeof(ToolCallCompleted), "tool_call_completed")]
[JsonDerivedType(typeof(ToolLimitReached), "tool_limit_reached")]
[JsonDerivedType(typeof(AnswerPassStarted), "answer_pass_started")]
[JsonDerivedType(typeof(AnswerReady), "answer_ready")]
public abstract record MasUpdate
{
    private protected MasUpdate()
    {
    }

    /// <summary>The agent that acted.</summary>
    public required string Agent { get; init; }

    /// <summary>The round, from 1.</summary>
    public required int Round { get; init; }
}

/// <summary>An agent begins to think or write.</summary>
public sealed record StageStarted : MasUpdate
{
    /// <summary>What the agent does.</summary>
    public required StageAction Action { get; init; }

    /// <summary>Number of rounds of the run.</summary>
    public required int Rounds { get; init; }

    /// <summary>Whether what the agent writes now is the answer, and not a message to other agents.</summary>
    public bool WritesAnswer { get; init; }
}

/// <summary>An agent has completed its part of a stage.</summary>
public sealed record StageCompleted : MasUpdate
{
    /// <summary>What the agent did.</summary>
    public required StageAction Action { get; init; }

    /// <summary>How long it took, waiting for the device included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>What the agent consumed in this stage.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public AgentUsage Usage { get; init => field = Given.NotNull(value, nameof(Usage)); } = AgentUsage.None;
}

/// <summary>A latent step is done.</summary>
public sealed record LatentStepTaken : MasUpdate
{
    /// <summary>Number of the step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>Number of steps of the rollout.</summary>
    public required int Steps { get; init; }
}

/// <summary>A block has crossed an edge.</summary>
public sealed record HopCrossed : MasUpdate
{
    /// <summary>Key of the edge.</summary>
    public required string Edge { get; init; }

    /// <summary>The receiver.</summary>
    public required string To { get; init; }

    /// <summary>Name of the slot that the block will fill.</summary>
    public required string Slot { get; init; }

    /// <summary>Shape of the block, [m, d] with the receiver's width d.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>Element type in transit; null on the text channel.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<torch.ScalarType>))]
    public required torch.ScalarType? Dtype { get; init; }

    /// <summary>Smallest Euclidean norm of a vector of the block; 0 if it is empty.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public required double SmallestNorm { get; init; }

    /// <summary>Mean Euclidean norm of the vectors of the block; 0 if it is empty.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public required double MeanNorm { get; init; }

    /// <summary>Largest Euclidean norm of a vector of the block; 0 if it is empty.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public required double LargestNorm { get; init; }

    /// <summary>Norms of the vectors before the link of the edge mapped them; null where none did: on the text channel, and without latent steps.</summary>
    public VectorNorms? NormsBefore { get; init; }

    /// <summary>
    /// Mean cosine between the vectors of the block and those that crossed the edge in the round before, step by step. Null in the first round, on the text
    /// channel, and where a vector is zero or the blocks differ in shape.
    /// </summary>
    public double? Cosine { get; init; }

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>What was said, on the text channel; null on all others.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// For each latent step of the sender the tokens that its own output head finds most likely, best first; null unless it was asked for
    /// (<see cref="RunRequest.ReadOutTokens"/>), and for agents that cannot tell. A control (zero, noise, shuffled) leaves it as it is.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<NearToken>>? ReadOut { get; init; }

    /// <summary>Sender, receiver, edge, round, size and norms in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Agent} to {To} over {Edge} in round {Round}: [{string.Join(", ", Shape)}] {Dtype?.ToString() ?? "text"}, norms {SmallestNorm:G4} to " +
        $"{LargestNorm:G4}, mean {MeanNorm:G4}");
}

/// <summary>A token has been written.</summary>
public sealed record TokenWritten : MasUpdate
{
    /// <summary>The token; null if the agent does not report its tokens.</summary>
    public required int? TokenId { get; init; }

    /// <summary>Text that the token completes; may be empty.</summary>
    public required string Text { get; init; }
}

/// <summary>The writer's text contains no answer, so the writer continues from an addition; the tokens that follow come after it.</summary>
public sealed record AnswerPassStarted : MasUpdate
{
    /// <summary>The addition, which begins with a line break.</summary>
    public required string Addition { get; init; }
}

/// <summary>The answer is complete.</summary>
public sealed record AnswerReady : MasUpdate
{
    /// <summary>The answer.</summary>
    public required MasAnswer Answer { get; init; }
}
