using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Sliding windows of the families of <see cref="SoftmaxConfiguration"/>.</summary>
internal static class SlidingWindows
{
    /// <summary>Gives layers the window of <c>sliding_window</c>, none if that is null.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="model">What is read of it so far.</param>
    /// <param name="slides">Which layers slide where <c>layer_types</c> does not say it.</param>
    public static SoftmaxConfiguration Apply(ConfigReader config, SoftmaxConfiguration model, Func<int, bool> slides)
    {
        if (config.OptionalInt("sliding_window") is not { } window)
            return model;
        config.Require(window > 0, "sliding_window", "a positive number");
        bool[] sliding = LayerKinds.Read(config, model.LayerCount, LayerKinds.Sliding, slides);
        return model with { Windows = new ValueList<int?>(sliding.Select(slide => slide ? window : (int?)null)) };
    }

    /// <summary>As the Qwen families have it: no window at all unless <c>use_sliding_window</c> says so.</summary>
    public static SoftmaxConfiguration OnDemand(ConfigReader config, SoftmaxConfiguration model)
    {
        if (!config.Bool("use_sliding_window", false))
            return model;
        int firstSliding = config.Int("max_window_layers", 0);
        return Apply(config, model, layer => layer >= firstSliding);
    }
}
