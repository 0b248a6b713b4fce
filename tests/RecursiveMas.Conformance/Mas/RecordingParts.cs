using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Conformance.Mas;

/// <summary>Keeps a copy of every rollout of an agent.</summary>
internal sealed class RecordingAgent(IAgent agent, List<Tensor> rollouts) : IAgent
{
    public string Name => agent.Name;

    public int HiddenSize => agent.HiddenSize;

    public ScalarType EmbeddingDtype => agent.EmbeddingDtype;

    public async Task<Thought> ThinkAsync(ThinkRequest request, CancellationToken cancellationToken = default)
    {
        Thought thought = await agent.ThinkAsync(request, cancellationToken);
        rollouts.Add(thought.States.Values.clone().DetachFromDisposeScope());
        return thought;
    }

    public IAsyncEnumerable<WriteUpdate> WriteAsync(WriteRequest request, CancellationToken cancellationToken = default) => agent.WriteAsync(request, cancellationToken);
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
