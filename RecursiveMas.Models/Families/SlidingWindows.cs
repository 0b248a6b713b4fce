using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Sliding windows as the Qwen families configure them: none at all unless <c>use_sliding_window</c> says so.</summary>
internal static class SlidingWindows
{
    public static SoftmaxConfiguration Apply(ConfigReader config, SoftmaxConfiguration model)
    {
        if (!config.Bool("use_sliding_window", false) || config.OptionalInt("sliding_window") is not { } window)
            return model;
        config.Require(window > 0, "sliding_window", "a positive number");
        IReadOnlyList<string>? kinds = config.OptionalTexts("layer_types");
        config.Require(kinds is null || kinds.Count == model.LayerCount, "layer_types", $"a list of {model.LayerCount} entries");
        int firstSliding = config.Int("max_window_layers", 0);
        return model with
        {
            Windows = [.. Enumerable.Range(0, model.LayerCount).Select(layer =>
                (kinds is null ? layer >= firstSliding : kinds[layer] == "sliding_attention") ? window : (int?)null)],
        };
    }
}
