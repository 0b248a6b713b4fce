using System.Text.Json;
using RecursiveMas.Checkpoints;

namespace RecursiveMas.Generation.Sampling;

/// <summary>The sampling values of a model's <c>generation_config.json</c>, as they stand there; ranges are judged when a value is used.</summary>
internal sealed record ModelSamplingDefaults(string File)
{
    public const string FileName = "generation_config.json";

    public bool? DoSample { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public double? MinP { get; init; }

    public double? RepetitionPenalty { get; init; }

    public int? MinNewTokens { get; init; }

    public int? MinLength { get; init; }

    /// <summary>Reads the file; null if the checkpoint has none.</summary>
    /// <exception cref="CheckpointException">The file is damaged or a value has the wrong type.</exception>
    public static ModelSamplingDefaults? Read(CheckpointFolder folder) =>
        folder.Contains(FileName) ? Parse(CheckpointJson.ReadObject(folder, FileName), folder.Describe(FileName)) : null;

    /// <exception cref="CheckpointException">A value has the wrong type.</exception>
    public static ModelSamplingDefaults Parse(JsonElement root, string file) => new(file)
    {
        DoSample = Value<bool>(root, file, "do_sample", "true or false", e => e.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }),
        Temperature = Number(root, file, "temperature"),
        TopP = Number(root, file, "top_p"),
        TopK = Integer(root, file, "top_k"),
        MinP = Number(root, file, "min_p"),
        RepetitionPenalty = Number(root, file, "repetition_penalty"),
        MinNewTokens = Integer(root, file, "min_new_tokens"),
        MinLength = Integer(root, file, "min_length"),
    };

    private static double? Number(JsonElement root, string file, string name) =>
        Value<double>(root, file, name, "a number", e => e.ValueKind == JsonValueKind.Number && e.TryGetDouble(out double v) ? v : null);

    private static int? Integer(JsonElement root, string file, string name) =>
        Value<int>(root, file, name, "a whole number", e => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out int v) ? v : null);

    private static T? Value<T>(JsonElement root, string file, string name, string wanted, Func<JsonElement, T?> read)
        where T : struct
    {
        if (!root.TryGetProperty(name, out JsonElement element) || element.ValueKind == JsonValueKind.Null)
            return null;
        return read(element) ?? throw new CheckpointException(file, $"'{name}' must be {wanted} or null.");
    }
}
