using System.Text.Json;
using RecursiveMas.Checkpoints;
using RecursiveMas.Weights;

namespace RecursiveMas.Configuration;

/// <summary>Typed access to a model's <c>config.json</c>, older and newer layout alike; every complaint names the field and the file.</summary>
internal sealed class ConfigReader
{
    public const string FileName = "config.json";

    private readonly JsonElement _text;
    private readonly JsonElement _root;

    public ConfigReader(JsonElement root, string file)
    {
        _root = root;
        // Multimodal checkpoints keep the language model's settings in an object of their own.
        _text = root.TryGetProperty("text_config", out JsonElement nested) && nested.ValueKind == JsonValueKind.Object ? nested : root;
        File = file;
    }

    public string File { get; }

    /// <summary>The family, as the outermost object names it.</summary>
    public string ModelType => Text("model_type", _root);

    public static ConfigReader Open(CheckpointFolder folder) =>
        new(CheckpointJson.ReadObject(folder, FileName), folder.Describe(FileName));

    public bool Has(string name) => TryGet(name, out _);

    /// <summary>Whether the field stands in the file at all, be it as null.</summary>
    public bool Declares(string name) => _text.TryGetProperty(name, out _) || _root.TryGetProperty(name, out _);

    /// <param name="name">The field.</param>
    /// <param name="absent">Value where the field is absent; null makes that an error.</param>
    public int Int(string name, int? absent = null) => TryGet(name, out JsonElement value) ? ToInt(name, value) : absent ?? throw Missing(name);

    /// <summary>A whole number from 1 to <paramref name="most"/>; larger ones come from damaged files and would only exhaust the memory.</summary>
    public int Count(string name, int most, int? absent = null)
    {
        int value = Int(name, absent);
        return value > 0 && value <= most ? value : throw Wrong(name, $"a whole number from 1 to {most}");
    }

    public int? OptionalInt(string name) => TryGet(name, out JsonElement value) ? ToInt(name, value) : null;

    /// <inheritdoc cref="Int"/>
    public double Double(string name, double? absent = null) => TryGet(name, out JsonElement value) ? ToDouble(name, value) : absent ?? throw Missing(name);

    /// <inheritdoc cref="Int"/>
    public double Positive(string name, double? absent = null)
    {
        double value = Double(name, absent);
        return value > 0 ? value : throw Wrong(name, "a positive number");
    }

    public double? OptionalDouble(string name) => TryGet(name, out JsonElement value) ? ToDouble(name, value) : null;

    public bool Bool(string name, bool absent) => TryGet(name, out JsonElement value)
        ? value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, "true or false"),
        }
        : absent;

    public string Text(string name) => Text(name, _text);

    public string? OptionalText(string name) => TryGet(name, out JsonElement value)
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a text")
        : null;

    public IReadOnlyList<string>? OptionalTexts(string name) => TryGet(name, out JsonElement value)
        ? value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Wrong(name, "a list of texts")
        : null;

    /// <summary>A nested object of the settings; null if absent or null.</summary>
    public ConfigReader? OptionalObject(string name) => TryGet(name, out JsonElement value)
        ? value.ValueKind == JsonValueKind.Object ? new ConfigReader(value, $"{File}, {name}") : throw Wrong(name, "an object")
        : null;

    /// <summary>Refuses the configuration because a setting has a value that the family's code does not compute.</summary>
    public void Require(bool supported, string name, string allowed)
    {
        if (!supported)
            throw new UnsupportedCheckpointException(File, $"{name} = {(TryGet(name, out JsonElement value) ? Shortened(value.GetRawText()) : "absent")} is not supported. Supported: {allowed}.");
    }

    public CheckpointException Wrong(string name, string wanted) => new(File, $"{name} must be {wanted}.");

    /// <summary>The value in the text settings, else at the top level; a JSON null counts as absent.</summary>
    private bool TryGet(string name, out JsonElement value) =>
        (_text.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null)
        || (_root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null);

    private static string Shortened(string text) => text.Length <= 100 ? text : $"{text.AsSpan(0, 100)}…";

    private string Text(string name, JsonElement from) => from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw Missing(name);

    public CheckpointException Missing(string name) => new(File, $"the field {name} is missing. Take the configuration from the original repository.");

    private int ToInt(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
        ? number
        : throw Wrong(name, "a whole number");

    private double ToDouble(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())
        ? value.GetDouble()
        : throw Wrong(name, "a number");
}
