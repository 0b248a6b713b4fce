using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Channels;

/// <summary>A control: what it puts in place of a block shows what the block is worth.</summary>
internal abstract class LatentFilter
{
    /// <summary>The block that arrives; the caller disposes it, and the one that was sent.</summary>
    /// <param name="block">[m, d], as the link made it.</param>
    /// <param name="edge">Key of the edge.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="cancellationToken">Ends any wait.</param>
    public abstract Task<LatentBlock> ApplyAsync(LatentBlock block, string edge, int round, CancellationToken cancellationToken);
}

/// <summary>Zeros.</summary>
internal sealed class ZeroFilter : LatentFilter
{
    public override Task<LatentBlock> ApplyAsync(LatentBlock block, string edge, int round, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        return Task.FromResult(new LatentBlock(zeros_like(block.Values)));
    }
}

/// <summary>Gaussian noise with the norm of each vector.</summary>
internal sealed class NoiseFilter(long seed) : LatentFilter
{
    public override Task<LatentBlock> ApplyAsync(LatentBlock block, string edge, int round, CancellationToken cancellationToken)
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        Tensor values = block.Values;
        // The generator lives on the CPU so that a seed means the same noise on every device.
        using var generator = new Generator((ulong)Seed(edge, round), torch.CPU);
        Tensor noise = randn(values.shape, float32, generator: generator).to(values.device);
        Tensor length = values.to_type(ScalarType.Float32).norm(1, keepdim: true, p: 2f); // [m, 1]
        return Task.FromResult(new LatentBlock((noise * (length / noise.norm(1, keepdim: true, p: 2f))).to_type(values.dtype).alias()));
    }

    private long Seed(string edge, int round)
    {
        long mixed = seed;
        foreach (char letter in edge)
            mixed = unchecked((mixed * 31) + letter);
        return unchecked((mixed * 31) + round) & long.MaxValue;
    }
}

/// <summary>The block of another question that runs beside this one.</summary>
internal sealed class ShuffledFilter(ShuffledNeighbours neighbours, int place) : LatentFilter
{
    public override Task<LatentBlock> ApplyAsync(LatentBlock block, string edge, int round, CancellationToken cancellationToken) =>
        neighbours.SwapAsync(place, edge, round, block, cancellationToken);
}
