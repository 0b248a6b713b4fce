using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Engine;

/// <summary>What the control channels put in place of a block, to show what the block is worth.</summary>
internal static class ChannelControls
{
    /// <summary>Replaces the block according to the channel; the block given is disposed if it is replaced.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="block">[B, m, d].</param>
    /// <param name="seed">Seed of the noise.</param>
    public static LatentBlock Apply(MasChannel channel, LatentBlock block, long seed)
    {
        if (channel is not (MasChannel.Zero or MasChannel.Noise or MasChannel.Shuffled))
            return block;
        using (block)
        {
            using var mode = inference_mode(true);
            using var scope = NewDisposeScope();
            Tensor values = block.Values;
            return new LatentBlock(channel switch
            {
                MasChannel.Zero => zeros_like(values),
                MasChannel.Noise => NoiseOfEqualNorm(values, seed),
                _ => values.roll(1, 0).contiguous(),
            });
        }
    }

    private static Tensor NoiseOfEqualNorm(Tensor values, long seed)
    {
        // The generator lives on the CPU so that a seed means the same noise on every device.
        using var generator = new Generator((ulong)seed, torch.CPU);
        Tensor noise = randn(values.shape, float32, generator: generator).to(values.device);
        Tensor length = values.to_type(ScalarType.Float32).norm(2, keepdim: true, p: 2f); // [B, m, 1]
        return (noise * (length / noise.norm(2, keepdim: true, p: 2f))).to_type(values.dtype).alias();
    }
}
