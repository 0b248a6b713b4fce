using System.Collections.Concurrent;
using TorchSharp;

namespace RecursiveMas;

/// <summary>
/// Questions that run side by side and pass their blocks on in a ring: for <see cref="MasChannel.Shuffled"/>. Each question waits at every hop
/// until its neighbour has come to the same one, so all of them must run at once.
/// </summary>
/// <param name="count">Questions of the ring, at least 1. A question alone receives its own blocks.</param>
/// <remarks>Safe for concurrent calls; one for each group of questions.</remarks>
public sealed class ShuffledNeighbours(int count) : IDisposable
{
    private readonly ConcurrentDictionary<(int Place, string Edge, int Round), TaskCompletionSource<LatentBlock>> _blocks = new();
    private readonly ConcurrentDictionary<int, Exception> _left = new();

    internal static ShuffledNeighbours Alone { get; } = new(1);

    /// <summary>Reports that a question has ended before its remaining hops, so that its neighbour does not wait for them.</summary>
    /// <param name="place">The question's place in the ring, from 0.</param>
    public void Leave(int place)
    {
        var gone = new GraphException(
            $"The question whose blocks this one receives on the channel '{MasChannel.Shuffled}' ended before it had sent them. Ask again without it.");
        _left[place] = gone;
        foreach (((int Place, string Edge, int Round) hop, TaskCompletionSource<LatentBlock> block) in _blocks)
        {
            if (hop.Place == place)
                block.TrySetException(gone);
        }
    }

    /// <summary>Frees blocks that nobody received. The questions must have ended.</summary>
    public void Dispose()
    {
        foreach (TaskCompletionSource<LatentBlock> block in _blocks.Values)
        {
            if (block.Task.IsCompletedSuccessfully)
                block.Task.Result.Dispose();
        }

        _blocks.Clear();
    }

    internal async Task<LatentBlock> SwapAsync(int place, string edge, int round, LatentBlock block, CancellationToken cancellationToken)
    {
        if (count == 1)
            return Copy(block);
        Slot(place, edge, round).TrySetResult(Copy(block));
        int before = (place + count - 1) % count;
        TaskCompletionSource<LatentBlock> neighbour = Slot(before, edge, round);
        if (_left.TryGetValue(before, out Exception? gone))
            neighbour.TrySetException(gone);
        LatentBlock received = await neighbour.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        _blocks.TryRemove((before, edge, round), out _);
        return received;
    }

    private TaskCompletionSource<LatentBlock> Slot(int place, string edge, int round) =>
        _blocks.GetOrAdd((place, edge, round), _ => new TaskCompletionSource<LatentBlock>(TaskCreationOptions.RunContinuationsAsynchronously));

    private static LatentBlock Copy(LatentBlock block)
    {
        using var scope = torch.NewDisposeScope();
        return new LatentBlock(block.Values.clone());
    }
}
