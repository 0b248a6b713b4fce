using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Llama 3.x: no q/k norms, llama3 scaling of the rotary frequencies. Checked against transformers 5.3.0.</summary>
internal static class Llama
{
    public static SoftmaxConfiguration Read(ConfigReader config) => new(config);
}
