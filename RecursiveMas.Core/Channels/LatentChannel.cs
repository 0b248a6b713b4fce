using RecursiveMas.Runs;
using TorchSharp;

namespace RecursiveMas.Channels;

/// <summary>Each agent thinks, and outer links map its thoughts into the space of the receivers.</summary>
/// <param name="request">How many latent steps are taken, and whether thoughts are read out.</param>
/// <param name="filter">What a control does to each block; null for none.</param>
internal sealed class LatentChannel(RunRequest request, LatentFilter? filter) : Channel
{
    // Multiplications that one thread has done before another one is awake.
    private const long SmallWork = 2_000_000;

    public override StageAction Action => StageAction.Think;

    public override (AgentPrompt Prompt, IReadOnlyDictionary<string, LatentBlock> Blocks) Fill(
        AgentPrompt prompt,
        IReadOnlyDictionary<string, HopMessage> arrived) =>
        (prompt, Blocks(arrived));

    public override async Task<HopMessage[]> SendAsync(AgentTurn turn, CancellationToken cancellationToken)
    {
        if (turn.Outgoing.Count == 0)
            return [];
        HopMessage[] sent;
        using (Thought thought = await turn.ThinkAsync(request.LatentSteps, cancellationToken).ConfigureAwait(false))
        {
            IReadOnlyList<IReadOnlyList<NearToken>>? readOut = request.ReadOutTokens == 0 ? null
                : await turn.Parts.LatentAgent(turn.Name).ReadOutAsync(thought.States, request.ReadOutTokens, cancellationToken).ConfigureAwait(false);
            sent = await Worker(turn, thought.Mapped).RunAsync(() => Map(turn, thought, readOut), cancellationToken).ConfigureAwait(false);
        }

        return filter is null ? sent : await FilteredAsync(turn, sent, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A link's layers have about as many weights as a block of this width has room for, three times over.</summary>
    private static DeviceWorker Worker(AgentTurn turn, LatentBlock block) =>
        3L * block.Steps * block.HiddenSize * turn.Outgoing.Max(edge => turn.Parts.Link(edge).OutputSize) <= SmallWork
            ? DeviceWorker.ForSmallJobs(block.Device)
            : DeviceWorker.For(block.Device);

    private static HopMessage[] Map(AgentTurn turn, Thought thought, IReadOnlyList<IReadOnlyList<NearToken>>? readOut)
    {
        Require(thought.States, $"Thoughts of '{turn.Name}'", turn);
        Require(thought.Mapped, $"Inner link of '{turn.Name}'", turn);
        VectorNorms before = thought.Mapped.Norms();
        var sent = new List<HopMessage>(turn.Outgoing.Count);
        try
        {
            foreach (MasEdge edge in turn.Outgoing)
            {
                torch.ScalarType dtype = edge.Hop == HopDtype.SenderEmbedding ? turn.Parts.LatentAgent(turn.Name).EmbeddingDtype : torch.ScalarType.Float32;
                sent.Add(new HopMessage(turn.Parts.Link(edge).Apply(thought.Mapped, dtype)) { Before = before, ReadOut = readOut });
                Require(sent[^1].Block!, $"Link of edge '{edge.Key}'", turn);
            }

            return [.. sent];
        }
        catch
        {
            sent.ForEach(message => message.Dispose());
            throw;
        }
    }

    private async Task<HopMessage[]> FilteredAsync(AgentTurn turn, HopMessage[] sent, CancellationToken cancellationToken)
    {
        var filtered = new List<HopMessage>(sent.Length);
        try
        {
            for (int i = 0; i < sent.Length; i++)
            {
                LatentBlock block = await filter!.ApplyAsync(sent[i].Block!, turn.Outgoing[i].Key, turn.Round, cancellationToken).ConfigureAwait(false);
                filtered.Add(new HopMessage(block) { Before = sent[i].Before, ReadOut = sent[i].ReadOut });
            }

            return [.. filtered];
        }
        catch
        {
            filtered.ForEach(message => message.Dispose());
            throw;
        }
        finally
        {
            foreach (HopMessage message in sent)
                message.Dispose();
        }
    }

    private static void Require(LatentBlock block, string where, AgentTurn turn)
    {
        if (block.FirstNonFiniteStep() is { } step)
            throw new NonFiniteException(where, turn.Name, turn.Round, step);
    }
}
