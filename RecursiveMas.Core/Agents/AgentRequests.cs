using System.Text.Json.Serialization;
using RecursiveMas.Checks;

namespace RecursiveMas;

/// <summary>What an agent reads: one prompt a question, and the blocks that fill the slots of these prompts.</summary>
public abstract record AgentRequest
{
    /// <summary>One prompt for each of the B questions, all with the same slots. Not empty.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required IReadOnlyList<AgentPrompt> Prompts { get; init => field = Given.NotNull(value, nameof(Prompts)); }

    /// <summary>The block of each slot, by slot name: <c>[B, m, d]</c> with the receiver's width d. They stay the caller's.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyDictionary<string, LatentBlock> Blocks { get; init => field = Given.NotNull(value, nameof(Blocks)); } = new Dictionary<string, LatentBlock>();

    /// <summary>What agents may keep until the end of the run; null to keep nothing.</summary>
    internal Engine.PromptMemory? Memory { get; init; }

    /// <summary>Whether the agent acts again in this run, so that keeping is worth while.</summary>
    internal bool ActsAgain { get; init; }
}

/// <summary>A request to think.</summary>
public sealed record ThinkRequest : AgentRequest
{
    /// <summary>Number of latent steps m, at least 1.</summary>
    public required int Steps { get; init; }

    /// <summary>Called after each step with its number, from 1, on the thread that computes: it must be quick.</summary>
    public Action<int>? StepTaken { get; init; }
}

/// <summary>A request to write.</summary>
public sealed record WriteRequest : AgentRequest
{
    /// <summary>Most tokens to write for each question, at least 1.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>How to choose tokens. Default: what the agent's checkpoint says.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public SamplingOptions Sampling { get; init => field = Given.NotNull(value, nameof(Sampling)); } = new();

    /// <summary>Identity of each question, which with the seed decides its random numbers; null: its row number.</summary>
    public IReadOnlyList<string>? RowKeys { get; init; }
}

/// <summary>What an agent thought: its states before and after the inner link.</summary>
/// <param name="states">States after the final norm, <c>[B, m, d]</c>; taken over.</param>
/// <param name="mapped">The same after the inner link, <c>[B, m, d]</c>: what outer links read; taken over.</param>
/// <param name="promptTokens">Length of each prompt in positions, blocks included, without padding.</param>
public sealed class Thought(LatentBlock states, LatentBlock mapped, IReadOnlyList<int> promptTokens) : IDisposable
{
    /// <summary>States after the final norm, <c>[B, m, d]</c>, before the inner link.</summary>
    public LatentBlock States { get; } = Given.NotNull(states);

    /// <summary>The states after the inner link, <c>[B, m, d]</c>: what outer links read.</summary>
    public LatentBlock Mapped { get; } = Given.NotNull(mapped);

    /// <summary>Length of each prompt in positions, blocks included, without padding.</summary>
    public IReadOnlyList<int> PromptTokens { get; } = Given.NotNull(promptTokens);

    /// <inheritdoc/>
    public void Dispose()
    {
        States.Dispose();
        Mapped.Dispose();
    }
}

/// <summary>Why a text ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FinishReason>))]
public enum FinishReason
{
    /// <summary>The agent wrote its end-of-sequence token.</summary>
    EndOfSequence,

    /// <summary>The most tokens allowed were written.</summary>
    MaxNewTokens,
}

/// <summary>A whole text that an agent wrote.</summary>
/// <param name="Text">The text without special tokens and without white space at its ends; the latter is kept where the agent went on from an <see cref="AgentPrompt.AnswerStart"/>.</param>
/// <param name="TokenIds">The new token ids, the end-of-sequence token included if it came.</param>
/// <param name="PromptTokens">Length of the prompt in positions, blocks included.</param>
/// <param name="Finish">Why the text ended.</param>
public sealed record WrittenText(string Text, IReadOnlyList<int> TokenIds, int PromptTokens, FinishReason Finish);

/// <summary>A piece of text as it appears, or the end of a row.</summary>
/// <param name="Row">Which of the B questions.</param>
/// <param name="TokenId">The new token; null in the update that ends a row.</param>
/// <param name="Text">
/// New text, possibly empty: what a later token may still change, such as an incomplete character, is held back, and comes with the row's last token at the latest.
/// All of a row's texts joined are its whole text with the white space at its ends.
/// </param>
/// <param name="Completed">In a row's last update the whole text, otherwise null.</param>
public sealed record WriteUpdate(int Row, int? TokenId, string Text, WrittenText? Completed = null);
