using System.Text.Json;
using RecursiveMas.Checkpoints;
using RecursiveMas.Weights;

namespace RecursiveMas.Configuration;

/// <summary>Typed access to a model's <c>config.json</c>, older and newer layout alike; every complaint names the field and the file.</summary>
/// <remarks>
/// A field that does not stand in the file takes the value that the caller names, or is an error. A JSON null is no absent field: it
/// is a value that only the optional readers accept.
/// </remarks>
internal sealed class ConfigReader
{
    public const string FileName = "config.json";

    private readonly JsonElement _text;
    private readonly JsonElement _root;

    /// <summary>Reads a model's configuration.</summary>
    public ConfigReader(JsonElement root, string file)
        // Multimodal checkpoints keep the language model's settings in an object of their own.
        : this(root, root.TryGetProperty("text_config", out JsonElement text) && text.ValueKind == JsonValueKind.Object ? text : null, file)
    {
    }

    private ConfigReader(JsonElement root, JsonElement? nested, string file)
    {
        _root = root;
        _text = nested ?? root;
        Nested = nested is not null;
        File = file;
    }

    public string File { get; }

    /// <summary>
    /// Whether the language model's settings are an object inside the file. Such an object is saved as what differs from the family's
    /// defaults, so that any field may be absent; a file of a text model is saved whole.
    /// </summary>
    public bool Nested { get; }

    /// <summary>The family, as the outermost object names it.</summary>
    public string ModelType => _root.TryGetProperty("model_type", out JsonElement value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw Missing("model_type");

    /// <summary>Names of all fields of the settings.</summary>
    public IEnumerable<string> Names => _text.EnumerateObject().Select(property => property.Name);

    public static ConfigReader Open(CheckpointFolder folder) =>
        new(CheckpointJson.ReadObject(folder, FileName), folder.Describe(FileName));

    /// <summary>Reads an object that has no inner level.</summary>
    public static ConfigReader Plain(JsonElement root, string file) => new(root, nested: null, file);

    /// <summary>Whether the field stands in the settings, be it as null.</summary>
    public bool Declares(string name) => Find(name) is not null;

    /// <summary>Whether the field has a value other than null.</summary>
    public bool Has(string name) => Find(name) is { ValueKind: not JsonValueKind.Null };

    /// <summary>Whether the field has a certain value, given as JSON; numbers and objects are compared by value.</summary>
    public bool Is(string name, string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Find(name) is { } value && JsonElement.DeepEquals(value, document.RootElement);
    }

    /// <summary>Where to read a field that may stand beside the nested object as well as in it: the level that has it, the inner one first.</summary>
    public ConfigReader LevelOf(string name) => Nested && !_text.TryGetProperty(name, out _) ? Plain(_root, File) : this;

    /// <param name="name">The field.</param>
    /// <param name="absent">Value where the field is absent; null makes that an error.</param>
    public int Int(string name, int? absent = null) => Find(name) is { } value ? ToInt(name, value) : absent ?? throw Missing(name);

    /// <summary>A whole number from 1 to <paramref name="most"/>; larger ones come from damaged files and would only exhaust the memory.</summary>
    public int Count(string name, int most, int? absent = null) => Counted(name, most, Int(name, absent));

    /// <summary>As <see cref="Count"/>; null if the field is null.</summary>
    /// <param name="name">The field.</param>
    /// <param name="most">The largest that is possible.</param>
    /// <param name="absent">Value where the field is absent.</param>
    public int? OptionalCount(string name, int most, int? absent) => OptionalInt(name, absent) is { } value ? Counted(name, most, value) : null;

    /// <param name="name">The field.</param>
    /// <param name="absent">Value where the field is absent.</param>
    public int? OptionalInt(string name, int? absent = null) => Optional(name, ToInt, absent);

    /// <inheritdoc cref="Int"/>
    public double Double(string name, double? absent = null) => Find(name) is { } value ? ToDouble(name, value) : absent ?? throw Missing(name);

    /// <inheritdoc cref="Int"/>
    public double Positive(string name, double? absent = null)
    {
        double value = Double(name, absent);
        return value > 0 ? value : throw Wrong(name, "a positive number");
    }

    public double? OptionalDouble(string name) => Optional(name, ToDouble, absent: null);

    public bool Bool(string name, bool absent) => Find(name) is { } value ? ToBool(name, value) : absent;

    public bool? OptionalBool(string name) => Optional(name, ToBool, absent: null);

    /// <param name="name">The field.</param>
    /// <param name="absent">Value where the field is absent.</param>
    public string Text(string name, string absent) => Find(name) is { } value ? ToText(name, value) : absent;

    public string? OptionalText(string name) => Find(name) is { ValueKind: not JsonValueKind.Null } value ? ToText(name, value) : null;

    public IReadOnlyList<string>? OptionalTexts(string name) => Find(name) is { ValueKind: not JsonValueKind.Null } value
        ? value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Wrong(name, "a list of texts")
        : null;

    /// <summary>A nested object of the settings; null if absent or null.</summary>
    public ConfigReader? OptionalObject(string name) => Find(name) is { ValueKind: not JsonValueKind.Null } value
        ? value.ValueKind == JsonValueKind.Object ? Plain(value, $"{File}, {name}") : throw Wrong(name, "an object")
        : null;

    /// <summary>The value as it stands in the file, shortened, for messages; "absent" if it does not.</summary>
    public string Shown(string name) => Find(name)?.GetRawText() is not { } text ? "absent" : text.Length <= 100 ? text : $"{text.AsSpan(0, 100)}…";

    /// <summary>Refuses the configuration because a setting has a value that the family's code does not compute.</summary>
    public void Require(bool supported, string name, string allowed)
    {
        if (!supported)
            throw new UnsupportedCheckpointException(File, $"{name} = {Shown(name)} is not supported. Supported: {allowed}.");
    }

    public CheckpointException Wrong(string name, string wanted) => new(File, $"{name} = {Shown(name)} must be {wanted}.");

    public CheckpointException Missing(string name) => new(File, $"the field {name} is missing. Take the configuration from the original repository.");

    private JsonElement? Find(string name)
    {
        if (_text.TryGetProperty(name, out JsonElement value))
            return value;
        if (Nested && _root.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null)
            throw new UnsupportedCheckpointException(File, $"{name} stands beside text_config, where it would have no effect. Move it into text_config.");
        return null;
    }

    private T? Optional<T>(string name, Func<string, JsonElement, T> read, T? absent)
        where T : struct => Find(name) is not { } value ? absent : value.ValueKind == JsonValueKind.Null ? null : read(name, value);

    private int Counted(string name, int most, int value) => value > 0 && value <= most ? value : throw Wrong(name, $"a whole number from 1 to {most}");

    private int ToInt(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
        ? number
        : throw Wrong(name, "a whole number");

    private double ToDouble(string name, JsonElement value) => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble())
        ? value.GetDouble()
        : throw Wrong(name, "a number");

    private bool ToBool(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false"),
    };

    private string ToText(string name, JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(name, "a text");
}
