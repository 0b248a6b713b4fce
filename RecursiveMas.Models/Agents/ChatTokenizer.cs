using Microsoft.Extensions.Logging;
using RecursiveMas.Agents;
using RecursiveMas.Generation.Sampling;

namespace RecursiveMas;

/// <summary>
/// How an agent turns prompts into token ids and ids into text: the tokenizer and the chat template of its checkpoint, and the id that ends a text.
/// </summary>
/// <remarks>Immutable and safe for concurrent calls. Agents of one checkpoint may share it.</remarks>
public sealed class ChatTokenizer
{
    // What rarely becomes one token with what follows.
    private static readonly string[] s_before = ["a", "\n"];

    private readonly ChatPromptRenderer _template;
    private readonly bool _parseGiven;

    private ChatTokenizer(HuggingFaceTokenizer tokenizer, ChatPromptRenderer template, ModelSamplingDefaults? sampling, int endId, bool parseGiven)
    {
        Tokenizer = tokenizer;
        _template = template;
        SamplingDefaults = sampling;
        EndId = endId;
        _parseGiven = parseGiven;
    }

    /// <summary>The tokenizer.</summary>
    public HuggingFaceTokenizer Tokenizer { get; }

    /// <summary>The tokenizer's end-of-sequence token, the only one that ends a text: the list in the model's configuration does not count.</summary>
    public int EndId { get; }

    /// <summary>Sampling settings of the checkpoint's <c>generation_config.json</c>; null without one.</summary>
    internal ModelSamplingDefaults? SamplingDefaults { get; }

    /// <summary>Reads tokenizer, template and generation settings of a checkpoint.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="parseSpecialTokens">Whether special tokens written out in given texts count as special tokens. Default: false.</param>
    /// <param name="clock">Clock for templates that print the date. Default: the system's clock.</param>
    /// <param name="logger">Warned of unknown generation settings. Default: none.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or names no end-of-sequence token.</exception>
    /// <exception cref="UnsupportedCheckpointException">A part of the tokenizer, or a generation setting, is not supported.</exception>
    public static ChatTokenizer Load(CheckpointFolder folder, bool parseSpecialTokens = false, TimeProvider? clock = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder);
        int end = tokenizer.EosTokenId
            ?? throw new CheckpointException(folder.Describe("tokenizer_config.json"), "names no eos_token, so a text could never end. Add it.");
        return new ChatTokenizer(
            tokenizer,
            new ChatPromptRenderer(ChatTemplateSet.Load(folder), tokenizer.SpecialTokens, clock ?? TimeProvider.System),
            ModelSamplingDefaults.Read(folder, logger),
            end,
            parseSpecialTokens);
    }

    /// <summary>Renders and encodes a prompt; each piece between slots on its own, without adding special tokens.</summary>
    internal EncodedPrompt Encode(AgentPrompt prompt) => prompt.Verbatim ? EncodeVerbatim(prompt) : Encode(Render(prompt));

    internal EncodedPrompt Encode(RenderedPrompt rendered) =>
        new([.. rendered.Pieces.Select(piece => (IReadOnlyList<int>)Tokenizer.Encode(piece.Text, addSpecialTokens: false, piece.Protected))]);

    /// <summary>Encodes text that is read behind what an agent holds already.</summary>
    /// <exception cref="PromptException">A part is a slot, or there is no text.</exception>
    internal int[] Encode(IReadOnlyList<PromptPart> parts)
    {
        var text = new System.Text.StringBuilder();
        var given = new List<Range>();
        foreach (PromptPart part in parts)
        {
            if (part.Kind == PromptPartKind.Slot)
                throw new PromptException($"What is appended has the slot '{part.Value}', which only whole prompts have. Read a prompt instead.");
            if (part.Kind == PromptPartKind.Given && !_parseGiven)
                given.Add(text.Length..(text.Length + part.Value.Length));
            text.Append(part.Value);
        }

        return text.Length > 0
            ? Tokenizer.Encode(text.ToString(), addSpecialTokens: false, given)
            : throw new PromptException("What is appended holds no text. Give it some.");
    }

    /// <summary>Encodes text that stands in the middle of other text, so that no space comes before it.</summary>
    internal int[] EncodeInside(string text)
    {
        foreach (string before in s_before)
        {
            int[] first = Plain(before), all = Plain(before + text);
            if (all.AsSpan().StartsWith(first))
                return all[first.Length..];
        }

        return Plain(text);

        int[] Plain(string plain) => Tokenizer.Encode(plain, addSpecialTokens: false, parseSpecialTokens: false);
    }

    /// <summary>Renders a prompt; markers of slots may be chosen by tests.</summary>
    internal RenderedPrompt Render(AgentPrompt prompt, Func<PromptPart, string>? markerOf = null) =>
        RenderedPrompt.Create(prompt, NeedsProtection, messages => RenderTurns(messages, prompt.EnableThinking), markerOf);

    private EncodedPrompt EncodeVerbatim(AgentPrompt prompt) => prompt.Slots.Any() || prompt.Instructions is not null || prompt.History.Count > 0
        ? throw new PromptException(
            "A verbatim prompt has slots, instructions or history, which it cannot have. Replace them with text, or use the chat template.")
        : new([Tokenizer.Encode(string.Concat(prompt.User.Select(part => part.Value)), addSpecialTokens: true, parseSpecialTokens: true)]);

    /// <summary>The assistant's header comes last, and what the template puts behind it.</summary>
    private string RenderTurns(IReadOnlyList<PromptMessage> messages, bool enableThinking) =>
        _template.Render(messages, new ChatPromptOptions { EnableThinking = enableThinking });

    /// <summary>Whether a given text would be read differently if its special tokens counted.</summary>
    private bool NeedsProtection(string text) =>
        !_parseGiven && !Tokenizer.Encode(text, addSpecialTokens: false, parseSpecialTokens: true)
            .AsSpan().SequenceEqual(Tokenizer.Encode(text, addSpecialTokens: false, parseSpecialTokens: false));
}
