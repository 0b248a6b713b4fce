using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Keeps a copy of every rollout of an agent.</summary>
internal sealed class RecordingAgent(ILatentAgent agent, List<Tensor> rollouts) : ILatentAgent
{
    public string Name => agent.Name;

    public int HiddenSize => agent.HiddenSize;

    public ScalarType EmbeddingDtype => agent.EmbeddingDtype;

    public async ValueTask<IAgentSession> OpenAsync(SessionOptions? options = null, CancellationToken cancellationToken = default) =>
        new Session((ILatentSession)await agent.OpenAsync(options, cancellationToken), rollouts);

    private sealed class Session(ILatentSession session, List<Tensor> rollouts) : ILatentSession
    {
        public int Length => session.Length;

        public long CacheBytes => session.CacheBytes;

        public Task<PromptRead> ReadAsync(AgentPrompt prompt, IReadOnlyDictionary<string, LatentBlock> blocks, CancellationToken cancellationToken = default) =>
            session.ReadAsync(prompt, blocks, cancellationToken);

        public Task<PromptRead> AppendAsync(IReadOnlyList<PromptPart> parts, CancellationToken cancellationToken = default) =>
            session.AppendAsync(parts, cancellationToken);

        public async Task<Thought> ThinkAsync(int steps, Action<int>? stepTaken = null, CancellationToken cancellationToken = default)
        {
            Thought thought = await session.ThinkAsync(steps, stepTaken, cancellationToken);
            rollouts.Add(thought.States.Values.clone().DetachFromDisposeScope());
            return thought;
        }

        public IAsyncEnumerable<WriteUpdate> WriteAsync(WriteOptions options, CancellationToken cancellationToken = default) =>
            session.WriteAsync(options, cancellationToken);

        public IAgentSession Fork() => new Session((ILatentSession)session.Fork(), rollouts);

        public ValueTask DisposeAsync() => session.DisposeAsync();
    }
}

/// <summary>Keeps a copy of every block that a link makes.</summary>
internal sealed class RecordingLink(IRecursiveLink link, List<Tensor> blocks) : IRecursiveLink
{
    public string AdapterType => link.AdapterType;

    public int InputSize => link.InputSize;

    public int OutputSize => link.OutputSize;

    public LatentBlock Apply(LatentBlock states, ScalarType outputDtype)
    {
        LatentBlock block = link.Apply(states, outputDtype);
        blocks.Add(block.Values.clone().DetachFromDisposeScope());
        return block;
    }

    public void Dispose()
    {
    }
}
