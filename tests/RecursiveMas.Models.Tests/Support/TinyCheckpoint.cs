using System.Text.Json;
using System.Text.Json.Nodes;
using RecursiveMas.Checkpoints;
using RecursiveMas.Configuration;
using RecursiveMas.Families;
using RecursiveMas.Models.Tests.Checkpoints;
using RecursiveMas.Weights;
using RecursiveMas.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests;

/// <summary>A checkpoint made by a test: a configuration and random weights of its shapes, to be bent before it is saved.</summary>
internal sealed class TinyCheckpoint : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <param name="config">The configuration.</param>
    /// <param name="dtype">Element type of the weights.</param>
    public TinyCheckpoint(JsonObject config, ScalarType dtype = ScalarType.Float32)
    {
        Config = config;
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        foreach ((string name, long[] shape) in Parse(config).Weights().All)
        {
            // Large enough that every part shows in the outputs, small enough that nothing saturates.
            double spread = shape.Length == 1 ? 0.5 : 1 / Math.Sqrt(shape[^1]);
            Weights.Add(name, (randn(shape, generator: generator) * spread).to_type(dtype).DetachFromDisposeScope());
        }
    }

    public JsonObject Config { get; }

    /// <summary>Weights by normalised name.</summary>
    public Dictionary<string, Tensor> Weights { get; } = [];

    public CheckpointFolder Folder => _folder.Folder;

    /// <summary>A tiny configuration of a family, as its golden model has it, with other values in some fields.</summary>
    public static JsonObject ConfigOf(string family, params (string Name, JsonNode? Value)[] changes)
    {
        JsonObject config = JsonNode.Parse(TinyConfigs.Of(family))!.AsObject();
        foreach ((string name, JsonNode? value) in changes)
            config[name] = value;
        return config;
    }

    public static DecoderConfiguration Parse(JsonObject config)
    {
        var reader = new ConfigReader(JsonSerializer.SerializeToElement(config), "config.json");
        return ModelFamilies.Find(reader).Read(reader);
    }

    /// <summary>Saves and loads.</summary>
    /// <param name="options">How to load; default: float32, as mapped.</param>
    /// <param name="rename">Name in the file of a normalised name; default: as text-only models have it.</param>
    public DecoderModel Load(ModelLoadOptions? options = null, Func<string, string>? rename = null)
    {
        Save(rename);
        return (DecoderModel)CausalLanguageModel.Load(Folder, options ?? new ModelLoadOptions { Dtype = ModelDtype.Float32, Weights = WeightFormat.Plain });
    }

    public void Save(Func<string, string>? rename = null)
    {
        rename ??= TextOnly;
        _folder.Write("config.json", Config.ToJsonString());
        SafetensorsWriter.Write(_folder.Path("model.safetensors"), Weights.Select(pair => TensorSource.Of(rename(pair.Key), pair.Value)));
    }

    public static string TextOnly(string name) => name.StartsWith("lm_head", StringComparison.Ordinal) ? name : $"model.{name}";

    public void Dispose()
    {
        foreach (Tensor weight in Weights.Values)
            weight.Dispose();
        _folder.Dispose();
    }
}
