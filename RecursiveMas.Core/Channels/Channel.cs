using RecursiveMas.Runs;
namespace RecursiveMas.Channels;

/// <summary>How thoughts cross an edge: what an agent does in its turn, and how a receiver reads what came of it.</summary>
internal abstract class Channel
{
    /// <summary>What agents do in their turns.</summary>
    public abstract StageAction Action { get; }

    /// <summary>The prompt as the receiver reads it, and the blocks of its slots.</summary>
    /// <param name="prompt">The prompt with its slots.</param>
    /// <param name="arrived">What has come for each slot, by slot name.</param>
    public abstract (AgentPrompt Prompt, IReadOnlyDictionary<string, LatentBlock> Blocks) Fill(
        AgentPrompt prompt,
        IReadOnlyDictionary<string, HopMessage> arrived);

    /// <summary>Lets an agent act and returns what crosses each of its outgoing edges, in their order; the caller disposes it.</summary>
    public abstract Task<HopMessage[]> SendAsync(AgentTurn turn, CancellationToken cancellationToken);

    /// <summary>The channel of a run.</summary>
    public static Channel Of(RunRequest request) => request.Channel switch
    {
        MasChannel.Text => new TextChannel(request),
        MasChannel.None => new EmptyChannel(),
        _ when request.LatentSteps == 0 => new EmptyChannel(),
        MasChannel.Latent => new LatentChannel(request, filter: null),
        MasChannel.Zero => new LatentChannel(request, new ZeroFilter()),
        MasChannel.Noise => new LatentChannel(request, new NoiseFilter(request.Seed ?? 0)),
        MasChannel.Shuffled => new LatentChannel(request, new ShuffledFilter(request.Neighbours ?? ShuffledNeighbours.Alone, request.Place)),
        _ => throw new InvalidOptionException(
            nameof(RunRequest.Channel),
            $"{request.Channel} is unknown. Known: {string.Join(", ", Enum.GetNames<MasChannel>())}."),
    };

    /// <summary>Slots filled by blocks.</summary>
    protected static Dictionary<string, LatentBlock> Blocks(IReadOnlyDictionary<string, HopMessage> arrived) =>
        arrived.ToDictionary(message => message.Key, message => message.Value.Block!, StringComparer.Ordinal);
}
