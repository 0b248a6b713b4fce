using System.Runtime.CompilerServices;
using System.Text;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>What an agent is asked to write.</summary>
/// <param name="Prompt">The prompt that was read last. It has no slots: what other agents wrote stands in their places.</param>
/// <param name="Written">What the agent has written behind it, and what was put behind that. The new text goes on from there. Empty at first.</param>
/// <param name="Options">How to write, and when to stop. Stop sequences are looked after; the most tokens are for the agent to keep to.</param>
public sealed record TextRequest(AgentPrompt Prompt, string Written, WriteOptions Options)
{
    /// <summary>The prompt that was read last.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public AgentPrompt Prompt { get; init => field = Given.NotNull(value, nameof(Prompt)); } = Given.NotNull(Prompt);

    /// <summary>What the agent has written behind the prompt, and what was put behind that.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string Written { get; init => field = Given.NotNull(value, nameof(Written)); } = Given.NotNull(Written);

    /// <summary>How to write, and when to stop.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public WriteOptions Options { get; init => field = Given.NotNull(value, nameof(Options)); } = Given.NotNull(Options);
}

/// <summary>An agent that is a function from text to text: a rule, a search, a service, a person. It takes part in systems on the text channel.</summary>
/// <remarks>Immutable; safe for concurrent calls if its function is.</remarks>
public sealed class TextAgent : IAgent
{
    private readonly Func<TextRequest, CancellationToken, IAsyncEnumerable<string>> _write;

    /// <summary>Makes an agent whose text appears at once.</summary>
    /// <param name="name">Name of the role.</param>
    /// <param name="write">Writes the text.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public TextAgent(string name, Func<TextRequest, CancellationToken, Task<string>> write)
        : this(name, InOnePiece(Given.NotNull(write)))
    {
    }

    /// <summary>Makes an agent whose text appears piece by piece.</summary>
    /// <param name="name">Name of the role.</param>
    /// <param name="write">Writes the text; its pieces joined are the whole.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public TextAgent(string name, Func<TextRequest, CancellationToken, IAsyncEnumerable<string>> write)
    {
        Name = Given.NotNull(name);
        _write = Given.NotNull(write);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IAgentSession>(new Session(this));
    }

    private static Func<TextRequest, CancellationToken, IAsyncEnumerable<string>> InOnePiece(Func<TextRequest, CancellationToken, Task<string>> write)
    {
        return WriteAsync;

        async IAsyncEnumerable<string> WriteAsync(TextRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return await write(request, cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed class Session(TextAgent agent) : IAgentSession
    {
        private AgentPrompt? _prompt;
        private string _written = "";

        public Task<PromptRead> ReadAsync(AgentPrompt prompt, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(prompt);
            cancellationToken.ThrowIfCancellationRequested();
            if (prompt.Slots.FirstOrDefault() is { } slot)
                throw new PromptException(
                    $"The prompt of '{agent.Name}' has the slot '{slot}', which an agent that only writes cannot fill. Use the text channel.");
            (_prompt, _written) = (prompt, "");
            return Task.FromResult(default(PromptRead));
        }

        public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(parts);
            cancellationToken.ThrowIfCancellationRequested();
            if (parts.FirstOrDefault(part => part.Kind == PromptPartKind.Slot) is { Kind: PromptPartKind.Slot, Value: { } slot })
                throw new PromptException($"What is appended at '{agent.Name}' has the slot '{slot}', which only whole prompts have. Read a prompt instead.");
            _written += string.Concat(parts.Select(part => part.Value));
            return Task.FromResult(default(PromptRead));
        }

        public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(options);
            AgentPrompt prompt = _prompt ?? throw new PromptException($"The session of '{agent.Name}' holds nothing to go on from. Read a prompt first.");
            var stops = new StopScanner(options.StopSequences);
            var whole = new StringBuilder();
            IStopRule? rule = options.StopRule?.Invoke();
            bool ruled = false;
            await foreach (string piece in agent
                ._write(new TextRequest(prompt, _written, options), cancellationToken)
                .WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (piece is null)
                    throw NoText();
                int? kept = rule?.Append(piece);
                ruled = kept is not null;
                string certain = stops.Append(kept is { } length ? piece[..length] : piece, last: ruled);
                whole.Append(certain);
                if (certain.Length > 0)
                    yield return new WriteUpdate(null, certain);
                if (ruled || stops.Found is not null)
                    break;
            }

            string rest = stops.Found is null && !ruled ? stops.Append("", last: true) : "";
            string text = whole.Append(rest).ToString();
            _written += text;
            yield return new WriteUpdate(
                null,
                rest,
                new WrittenText(text, [], stops.Found is not null ? FinishReason.StopSequence : ruled ? FinishReason.StopRule : FinishReason.EndOfSequence)
                {
                    StopSequence = stops.Found,
                });
        }

        private GraphException NoText() => new($"The agent '{agent.Name}' wrote null. Let its function return a text, an empty one where there is none.");

        public IAgentSession Fork() => new Session(agent) { _prompt = _prompt, _written = _written };

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
