using System.Text.Json.Serialization;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What a part of a prompt is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PromptPartKind>))]
public enum PromptPartKind
{
    /// <summary>Wording of the prompt's author.</summary>
    Text,

    /// <summary>Text from outside (a question, another agent's words): inserted literally, never parsed as special tokens unless asked for.</summary>
    Given,

    /// <summary>A named place that a latent block fills.</summary>
    Slot,
}

/// <summary>One part of a prompt.</summary>
/// <param name="Kind">What the part is.</param>
/// <param name="Value">The text, or the name of the slot.</param>
public readonly record struct PromptPart(PromptPartKind Kind, string Value)
{
    /// <summary>What the part is.</summary>
    /// <exception cref="InvalidOptionException">There is no such kind.</exception>
    public PromptPartKind Kind { get; init => field = Shared.Given.Defined(value, nameof(Kind)); } = Shared.Given.Defined(Kind, nameof(Kind));

    /// <summary>The text, or the name of the slot. Empty in a default of the type.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Value { get => field ?? ""; init => field = Shared.Given.NotNull(value, nameof(Value)); } = Shared.Given.NotNull(Value);

    /// <summary>Wording of the prompt's author.</summary>
    /// <param name="text">The wording.</param>
    public static PromptPart Text(string text) => new(PromptPartKind.Text, Shared.Given.NotNull(text));

    /// <summary>Text from outside, inserted literally.</summary>
    /// <param name="text">The text.</param>
    public static PromptPart Given(string text) => new(PromptPartKind.Given, Shared.Given.NotNull(text));

    /// <summary>A place that a latent block fills.</summary>
    /// <param name="name">Name of the slot, as in the edge that fills it.</param>
    public static PromptPart Slot(string name) => new(PromptPartKind.Slot, Shared.Given.NotNull(name));
}

/// <summary>A prompt of one agent for one question: a system turn and a user turn with slots in their order.</summary>
/// <param name="System">Text of the system turn; null for none.</param>
/// <param name="User">Parts of the user turn.</param>
public sealed record AgentPrompt(string? System, IReadOnlyList<PromptPart> User)
{
    /// <summary>Parts of the user turn.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<PromptPart> User { get; init => field = Given.NotNull(value, nameof(User)); } = Given.NotNull(User);

    /// <summary>Text from outside that stands in the system turn, behind <see cref="System"/> and a blank line. Default: none.</summary>
    public string? Instructions { get; init; }

    /// <summary>Turns between the system turn and the user turn, oldest first: text from outside. Default: none.</summary>
    /// <exception cref="ArgumentNullException">The value is null, or holds null.</exception>
    public IReadOnlyList<MasTurn> History { get; init => field = Given.AllNotNull(value, nameof(History)); } = [];

    /// <summary>
    /// Whether the user turn is read as it stands, without chat template and system turn, with the special tokens that the tokenizer adds to any
    /// text. Such a prompt has no instructions and no history. Default: false.
    /// </summary>
    public bool Verbatim { get; init; }

    /// <summary>
    /// The variable <c>enable_thinking</c> of the chat template. It is passed in any case, as many templates tell false from what is not there; those that do
    /// not know it, and prompts without a template, are the same either way. Default: false.
    /// </summary>
    public bool EnableThinking { get; init; }

    /// <summary>The user turn as one text. Slots leave nothing in it.</summary>
    public string UserText => string.Concat(User.Where(part => part.Kind != PromptPartKind.Slot).Select(part => part.Value));

    /// <summary>Names of the slots in the order in which they stand in the prompt.</summary>
    public IEnumerable<string> Slots => User.Where(part => part.Kind == PromptPartKind.Slot).Select(part => part.Value);

    /// <summary>The prompt with each slot replaced by text, as the text channel hands it over.</summary>
    /// <param name="texts">Text of each slot, by name.</param>
    /// <exception cref="PromptException">A slot has no text.</exception>
    public AgentPrompt WithSlotTexts(IReadOnlyDictionary<string, string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return this with
        {
            User = [.. User.Select(part => part.Kind != PromptPartKind.Slot
                ? part
                : texts.GetValueOrDefault(part.Value) is { } text
                    ? PromptPart.Given(text)
                    : throw new PromptException($"The slot '{part.Value}' of the prompt has no text. Add an edge that fills it, or remove the slot."))],
        };
    }
}

/// <summary>Hands out the prompt of an agent for a question and a round.</summary>
/// <remarks>Called concurrently for different requests.</remarks>
public interface IPromptSource
{
    /// <summary>The prompt of one agent.</summary>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="question">The question.</param>
    /// <exception cref="PromptException">There is no prompt for this agent, round and kind of question.</exception>
    AgentPrompt GetPrompt(string agent, int round, MasQuestion question);

    /// <summary>What is put behind a text that holds no answer, so that its writer goes on and gives one, for example the beginning of a box.</summary>
    /// <param name="question">The question.</param>
    /// <returns>The addition; null if nothing is asked for again, which is the default.</returns>
    string? GetAnswerPass(MasQuestion question) => null;
}
