namespace RecursiveMas.Configuration;

/// <summary>What kind of mixer each layer has, as <c>layer_types</c> names them.</summary>
internal static class LayerKinds
{
    public const string Full = "full_attention";
    public const string Sliding = "sliding_attention";
    public const string Linear = "linear_attention";

    /// <summary>The kind of each layer: as <c>layer_types</c> lists them, else by the older files' rule.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="layers">Number of layers.</param>
    /// <param name="other">The kind beside full attention that the family has; full attention itself if it has no other.</param>
    /// <param name="absent">The rule where there is no list: whether a layer, from 0, is of that other kind.</param>
    /// <returns>For each layer whether it is of the other kind.</returns>
    public static bool[] Read(ConfigReader config, int layers, string other, Func<int, bool> absent)
    {
        if (config.OptionalTexts("layer_types") is not { } listed)
            return [.. Enumerable.Range(0, layers).Select(absent)];
        config.Require(listed.Count == layers, "layer_types", $"a list of {layers} entries");
        config.Require(listed.All(kind => kind == Full || kind == other), "layer_types", other == Full ? Full : $"{Full}, {other}");
        return [.. listed.Select(kind => kind != Full)];
    }
}
