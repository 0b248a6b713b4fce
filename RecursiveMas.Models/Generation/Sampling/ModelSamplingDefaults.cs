using System.Text.Json;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Weights;

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
    public static ModelSamplingDefaults Parse(JsonElement root, string file)
    {
        var values = new ConfigReader(root, file);
        return new ModelSamplingDefaults(file)
        {
            DoSample = values.Has("do_sample") ? values.Bool("do_sample", absent: false) : null,
            Temperature = values.OptionalDouble("temperature"),
            TopP = values.OptionalDouble("top_p"),
            TopK = values.OptionalInt("top_k"),
            MinP = values.OptionalDouble("min_p"),
            RepetitionPenalty = values.OptionalDouble("repetition_penalty"),
            MinNewTokens = values.OptionalInt("min_new_tokens"),
            MinLength = values.OptionalInt("min_length"),
        };
    }
}
