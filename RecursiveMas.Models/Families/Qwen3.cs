using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Qwen3: norms of queries and keys, a head size of its own, no biases. Checked against transformers 5.3.0.</summary>
internal static class Qwen3
{
    public static SoftmaxConfiguration Read(ConfigReader config)
    {
        bool bias = config.Bool("attention_bias", false);
        return SlidingWindows.Apply(config, SoftmaxConfiguration.Read(config) with { QkNorm = true, QkvBias = bias, OutputBias = bias });
    }
}
