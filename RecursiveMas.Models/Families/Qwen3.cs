using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Qwen3: norms of queries and keys, a head size of its own. Checked against transformers 5.3.0.</summary>
internal static class Qwen3
{
    public static SoftmaxConfiguration Read(ConfigReader config) =>
        SlidingWindows.OnDemand(config, new SoftmaxConfiguration(config) with { QkNorm = true });
}
