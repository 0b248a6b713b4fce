using RecursiveMas.Weights;

namespace RecursiveMas.Configuration;

/// <summary>Finds out that weights are quantised, whatever tool packed them, and refuses them by that name.</summary>
internal static class Quantization
{
    private const string Fix = "Take the repository with the original weights.";

    private static readonly string[] s_fields = ["quantization_config", "quantization", "compression_config"];

    // What GPTQ, AWQ, bitsandbytes, compressed-tensors, FP8 savers, MLX, HQQ, AQLM and quanto store beside or instead of a weight.
    private static readonly HashSet<string> s_parts = new(StringComparer.Ordinal)
    {
        "qweight", "qzeros", "g_idx", "scales", "biases", "qscales",
        "absmax", "nested_absmax", "quant_map", "nested_quant_map", "SCB", "weight_format",
        "weight_packed", "weight_scale", "weight_scale_2", "weight_scale_inv", "weight_scales", "weight_zero_point", "weight_shape", "weight_g_idx",
        "input_scale", "output_scale", "W_q", "codes", "codebooks", "_data", "_scale",
    };

    private static readonly string[] s_floats = ["F64", "F32", "F16", "BF16"];

    /// <summary>Looks at the configuration.</summary>
    /// <exception cref="UnsupportedCheckpointException">It tells of quantised weights.</exception>
    public static void Refuse(ConfigReader config)
    {
        foreach (string field in s_fields)
        {
            ConfigReader level = config.LevelOf(field);
            if (level.Has(field))
                throw new UnsupportedCheckpointException(
                    config.File,
                    $"{field} = {level.Shown(field)}: the weights are quantised, which is not supported. {Fix}");
        }
    }

    /// <summary>Looks at the names and element types of the weights.</summary>
    /// <exception cref="UnsupportedCheckpointException">They are quantised.</exception>
    public static void Refuse(WeightFiles files)
    {
        foreach ((string name, StoredWeight weight) in files.Weights)
        {
            string type = weight.Tensor.TypeName, part = name[(name.LastIndexOf('.') + 1)..];
            bool packed = part == "weight" && !s_floats.Contains(type);
            if (packed || s_parts.Contains(part) || name.Contains(".quant_state.", StringComparison.Ordinal))
            {
                throw new UnsupportedCheckpointException(
                    weight.File.Name,
                    $"holds the tensor '{weight.Tensor.Name}'{(packed ? $" as {type}" : "")}: the weights are quantised, which is not supported. {Fix}");
            }
        }
    }
}
