using System.Text.Json;
using Microsoft.Extensions.Logging;
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
    /// <param name="folder">The checkpoint.</param>
    /// <param name="logger">Warned of unknown keys, and of a file that is not there.</param>
    /// <exception cref="CheckpointException">The file is damaged or a value has the wrong type.</exception>
    /// <exception cref="UnsupportedCheckpointException">A key asks for what is not computed here.</exception>
    public static ModelSamplingDefaults? Read(CheckpointFolder folder, ILogger? logger = null)
    {
        if (folder.Contains(FileName))
            return Parse(CheckpointJson.ReadObject(folder, FileName), folder.Describe(FileName), logger);
        logger?.LogWarning(
            "{File} is missing: where a call gives no sampling value, the defaults of transformers hold, of which top_k = {TopK} is the one that shows",
            folder.Describe(FileName),
            SamplingPlan.DefaultTopK);
        return null;
    }

    /// <inheritdoc cref="Read"/>
    public static ModelSamplingDefaults Parse(JsonElement root, string file, ILogger? logger = null)
    {
        ConfigReader values = ConfigReader.Plain(root, file);
        GenerationKeys.Judge(values, logger);
        return new ModelSamplingDefaults(file)
        {
            DoSample = values.OptionalBool("do_sample"),
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
