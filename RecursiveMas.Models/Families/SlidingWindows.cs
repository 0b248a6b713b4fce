using RecursiveMas.Configuration;

namespace RecursiveMas.Families;

/// <summary>Sliding windows of the families of <see cref="SoftmaxConfiguration"/>, as transformers 5 reads them.</summary>
internal static class SlidingWindows
{
    private const string Window = "sliding_window", Switch = "use_sliding_window", FirstLayer = "max_window_layers", Layers = "layer_types";
    private const int DefaultWindow = 4096, DefaultFirstLayer = 28;

    /// <summary>As Llama has it: none, whatever layer.</summary>
    public static SoftmaxConfiguration None(ConfigReader config, SoftmaxConfiguration model)
    {
        // transformers gives such a model full attention over a cache that forgets.
        config.Require(!config.Has(Window), Window, "null");
        LayerKinds.Read(config, model.LayerCount, LayerKinds.Full, _ => false);
        return model;
    }

    /// <summary>As Mistral has it: the window of every layer, none if it is null.</summary>
    public static SoftmaxConfiguration Everywhere(ConfigReader config, SoftmaxConfiguration model)
    {
        int? window = config.OptionalCount(Window, int.MaxValue, DefaultWindow);
        bool[] sliding = LayerKinds.Read(config, model.LayerCount, LayerKinds.Sliding, _ => window is not null);
        // transformers' class has one kind of layer, whatever the list says.
        config.Require(
            sliding.All(slides => slides == window is not null),
            Layers,
            $"one kind, {LayerKinds.Sliding} with a {Window}, {LayerKinds.Full} without");
        return With(model, sliding, window);
    }

    /// <summary>As the Qwen families have it: no window at all unless <c>use_sliding_window</c> says so, and then from a certain layer on.</summary>
    public static SoftmaxConfiguration OnDemand(ConfigReader config, SoftmaxConfiguration model)
    {
        int? window = config.Bool(Switch, false) ? config.OptionalCount(Window, int.MaxValue, DefaultWindow) : null;
        bool[] sliding = LayerKinds.Read(
            config,
            model.LayerCount,
            LayerKinds.Sliding,
            layer => window is not null && layer >= config.Int(FirstLayer, DefaultFirstLayer));
        config.Require(window is not null || !sliding.Contains(true), Layers, $"{LayerKinds.Sliding} with {Switch} and a {Window} only");
        return With(model, sliding, window);
    }

    private static SoftmaxConfiguration With(SoftmaxConfiguration model, bool[] sliding, int? window) =>
        model with { Windows = new ValueList<int?>(sliding.Select(slides => slides ? window : null)) };
}
