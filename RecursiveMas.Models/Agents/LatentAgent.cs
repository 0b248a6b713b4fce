using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RecursiveMas.Agents;
using RecursiveMas.Engine;
using RecursiveMas.Generation;
using RecursiveMas.Generation.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas;

/// <summary>An agent that is a language model on this machine: it thinks with its inner link and writes with its sampler.</summary>
/// <remarks>
/// Immutable and safe for concurrent calls, which the device's thread serves in order of arrival. Several agents may share a model;
/// the agent owns neither model nor link.
/// </remarks>
public sealed class LatentAgent : IAgent
{
    private readonly ICausalLanguageModel _model;
    private readonly AgentText _text;
    private readonly IRecursiveLink? _inner;

    internal LatentAgent(string name, ICausalLanguageModel model, AgentText text, IRecursiveLink? inner)
    {
        if (inner is not null && (inner.InputSize != model.Configuration.HiddenSize || inner.OutputSize != model.Configuration.HiddenSize))
        {
            throw new GraphException(
                $"The inner link of '{name}' maps width {inner.InputSize} to {inner.OutputSize}, but its model has width {model.Configuration.HiddenSize}. Check that the link belongs to this agent.");
        }

        Name = name;
        _model = model;
        _text = text;
        _inner = inner;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int HiddenSize => _model.Configuration.HiddenSize;

    /// <inheritdoc/>
    public ScalarType EmbeddingDtype => _model.Dtype;

    /// <summary>The model.</summary>
    public ICausalLanguageModel Model => _model;

    /// <summary>Whether rollouts use a cache; without it the whole sequence is encoded anew at each step, as the reference does.</summary>
    internal bool CachedRollout { get; init; } = true;

    internal AgentText Text => _text;

    internal IRecursiveLink? InnerLink => _inner;

    /// <inheritdoc/>
    public Task<Thought> ThinkAsync(ThinkRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Steps < 1)
            throw new InvalidOptionException(nameof(ThinkRequest.Steps), $"{request.Steps} is not possible; a rollout takes at least 1 step.");
        IRecursiveLink inner = _inner
            ?? throw new GraphException($"The agent '{Name}' has no inner link, so it cannot think. Load its link, or use the text channel.");
        return DeviceWorker.For(_model.Device).RunAsync(() => Think(request, inner, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WriteUpdate> WriteAsync(WriteRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        // Whoever stops listening also stops the work.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var updates = Channel.CreateUnbounded<WriteUpdate>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Task<bool> work = DeviceWorker.For(_model.Device).RunAsync(
            () =>
            {
                Write(request, updates.Writer, stop.Token);
                return true;
            },
            stop.Token);
        _ = work.ContinueWith(_ => updates.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (WriteUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return update;
            cancellationToken.ThrowIfCancellationRequested();
            await work.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(work).ConfigureAwait(false);
        }
    }

    private Thought Think(ThinkRequest request, IRecursiveLink inner, CancellationToken cancellationToken)
    {
        (EncodedPrompt[] encoded, SplicedPrompts prompts) = Read(request, request.Steps - 1);
        Tensor states = CachedRollout
            ? LatentRollout.Run(
                _model,
                prompts.Embeddings,
                prompts.Mask,
                inner,
                request.Steps,
                request.StepTaken,
                cancellationToken,
                PromptPrefix.Read(_model, Name, request, encoded, prompts, PositionRule.RowIndex))
            : LatentRollout.RunUncached(_model, prompts.Embeddings, prompts.Mask, inner, request.Steps, request.StepTaken, cancellationToken);
        var raw = new LatentBlock(states);
        try
        {
            return new Thought(raw, inner.Apply(raw, _model.Dtype), prompts.Lengths);
        }
        catch
        {
            raw.Dispose();
            throw;
        }
    }

    private void Write(WriteRequest request, ChannelWriter<WriteUpdate> updates, CancellationToken cancellationToken)
    {
        if (request.MaxNewTokens < 1)
            throw new InvalidOptionException(nameof(WriteRequest.MaxNewTokens), $"{request.MaxNewTokens} is not possible; at least 1 is needed.");
        (EncodedPrompt[] encoded, SplicedPrompts prompts) = Read(request, 1);
        var session = new WriteSession(_text, request, encoded, prompts.Lengths, updates);
        TextGenerator.Run(
            _model,
            prompts.Embeddings,
            prompts.Mask,
            new GenerationSettings(request.MaxNewTokens, new HashSet<int> { _text.EndId }, _text.PadId),
            session.Choose,
            session.TokenWritten,
            cancellationToken,
            PromptPrefix.Read(_model, Name, request, encoded, prompts, PositionRule.MaskCount));
        session.Complete();
    }

    /// <summary>Encodes and splices; refuses prompts that the model has no positions for.</summary>
    private (EncodedPrompt[] Encoded, SplicedPrompts Spliced) Read(AgentRequest request, int morePositions)
    {
        if (request.Prompts.Count == 0)
            throw new PromptException($"'{Name}' was given no prompt. An empty batch cannot be read.");
        string[] slots = [.. request.Prompts[0].Slots];
        LatentBlock[] blocks = [.. slots.Select(slot => request.Blocks.TryGetValue(slot, out LatentBlock? block)
            ? block
            : throw new PromptException($"The prompt of '{Name}' has the slot '{slot}', for which no block was given. Given: {(request.Blocks.Count == 0 ? "none" : string.Join(", ", request.Blocks.Keys))}."))];
        foreach (AgentPrompt prompt in request.Prompts)
        {
            if (!prompt.Slots.SequenceEqual(slots))
                throw new PromptException($"The prompts of '{Name}' differ in their slots ({string.Join(", ", slots)} and {string.Join(", ", prompt.Slots)}). A batch shares its slots.");
        }

        EncodedPrompt[] encoded = [.. request.Prompts.Select(prompt => _text.Encode(prompt))];
        SplicedPrompts spliced = PromptSplicer.Splice(_model, Name, encoded, blocks);
        int limit = _model.Configuration.MaxPositions;
        if (spliced.Width + morePositions > limit)
        {
            int longest = Array.IndexOf([.. spliced.Lengths], spliced.Lengths.Max());
            throw new PromptException(
                $"The prompt of '{Name}' for question {longest + 1} takes {spliced.Width} positions and {morePositions} more are needed, but its model has {limit}. Shorten the question, or take fewer latent steps.");
        }

        return (encoded, spliced);
    }
}
