using RecursiveMas.Agents;
using RecursiveMas.Shared;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>An agent that is a language model on this machine: it thinks with its inner link and writes with its sampler.</summary>
/// <remarks>Immutable and safe for concurrent calls. Several agents may share a step loop and so a model; the agent owns neither that nor its link.</remarks>
public sealed class LatentAgent : ILatentAgent
{
    /// <summary>Puts an agent together.</summary>
    /// <param name="name">Name of the role.</param>
    /// <param name="steps">The step loop of its model; it stays the caller's.</param>
    /// <param name="text">Tokenizer and chat template of the model's checkpoint.</param>
    /// <param name="inner">The inner link, which stays the caller's; null for an agent that only writes.</param>
    /// <exception cref="ArgumentNullException">Name, step loop or tokenizer is missing.</exception>
    /// <exception cref="GraphException">The link has another width than the model.</exception>
    public LatentAgent(string name, StepScheduler steps, ChatTokenizer text, IRecursiveLink? inner = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(text);
        int width = steps.Model.Configuration.HiddenSize;
        if (inner is not null && (inner.InputSize != width || inner.OutputSize != width))
        {
            throw new GraphException(
                $"The inner link of '{name}' maps width {inner.InputSize} to {inner.OutputSize}, but its model has width {width}. " +
                "Check that the link belongs to this agent.");
        }

        Name = name;
        Steps = steps;
        Text = text;
        InnerLink = inner;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int HiddenSize => Model.Configuration.HiddenSize;

    /// <inheritdoc/>
    public ScalarType EmbeddingDtype => Model.Dtype;

    /// <summary>
    /// The model. One that is not always in memory (<c>MasOptions.Residency</c>) computes only inside of <see cref="StepScheduler.UseModelAsync"/>.
    /// </summary>
    public ICausalLanguageModel Model => Steps.Model;

    /// <summary>The step loop of the model.</summary>
    public StepScheduler Steps { get; }

    /// <summary>The tokenizer.</summary>
    public HuggingFaceTokenizer Tokenizer => Text.Tokenizer;

    /// <summary>The inner link; null for an agent that only writes.</summary>
    public IRecursiveLink? InnerLink { get; }

    internal ChatTokenizer Text { get; }

    /// <inheritdoc/>
    public PromptSize? Measure(AgentPrompt prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return new PromptSize(Text.Encode(prompt).TokenCount, Model.Configuration.MaxPositions);
    }

    /// <summary>A prompt as the agent reads it: printed by its chat template, special tokens written out.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="slotText">What is written where a latent block stands, by the name of its slot. Default: nothing.</param>
    /// <exception cref="ChatTemplateException">The template failed or refuses these turns.</exception>
    /// <exception cref="PromptException">The template lost a part of the prompt.</exception>
    public string Render(AgentPrompt prompt, Func<string, string>? slotText = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        string Marker(string slot) => slotText?.Invoke(slot) ?? "";
        if (prompt.Verbatim)
            return string.Concat(prompt.User.Select(part => part.Kind == PromptPartKind.Slot ? Marker(part.Value) : part.Value));
        IEnumerable<string> markers = prompt.Slots.Select(Marker).Append("");
        return string.Concat(Text.Render(prompt).Pieces.Zip(markers, (piece, marker) => piece.Text + marker));
    }

    /// <inheritdoc/>
    public ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IAgentSession>(new LatentSession(this, options ?? new SessionOptions()));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IReadOnlyList<NearToken>>?> ReadOutAsync(
        LatentBlock states,
        int tokens,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(states);
        Given.AtLeast(1, tokens, nameof(tokens));
        return NearestAsync(states, tokens, cancellationToken);
    }

    private async ValueTask<IReadOnlyList<IReadOnlyList<NearToken>>?> NearestAsync(LatentBlock states, int tokens, CancellationToken cancellationToken)
    {
        if (states.Steps == 0)
            return [];
        int count = Math.Min(tokens, Model.Configuration.VocabularySize);
        (long[] ids, float[] likely) = await Steps.UseModelAsync(model => Likeliest(model, states, count), cancellationToken).ConfigureAwait(false);
        return
        [
            .. Enumerable.Range(0, states.Steps).Select(step => (IReadOnlyList<NearToken>)
            [
                .. Enumerable.Range(step * count, count).Select(i => new NearToken((int)ids[i], Tokenizer.Decode([(int)ids[i]], false), likely[i])),
            ]),
        ];
    }

    private static (long[] Ids, float[] Likely) Likeliest(ICausalLanguageModel model, LatentBlock states, int count)
    {
        Tensor scores = model.Logits(states.Values.to(model.Dtype, model.Device)).to_type(ScalarType.Float32); // [m, V]
        (Tensor likely, Tensor ids) = scores.softmax(-1).topk(count); // [m, count]
        return ([.. ids.cpu().data<long>()], [.. likely.cpu().data<float>()]);
    }
}
