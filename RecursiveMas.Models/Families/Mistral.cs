using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Mistral: as Llama, with a sliding window on every layer; a window of null is none. Checked against transformers 5.3.0.</summary>
internal static class Mistral
{
    public static SoftmaxConfiguration Read(ConfigReader config)
    {
        // Libraries fill an absent window in with one of their own, so that only the file can say that there is none.
        if (!config.Declares("sliding_window"))
            throw config.Missing("sliding_window");
        return SlidingWindows.Apply(config, new SoftmaxConfiguration(config), _ => true);
    }
}
