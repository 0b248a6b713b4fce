using System.Text;
using System.Text.Json;

namespace RecursiveMas.Tokenizers.Loading;

/// <summary>Reads values of a tokenizer's parts and says what is wrong where.</summary>
internal readonly struct JsonRead(JsonElement element, string file, string where)
{
    public JsonElement Element => element;

    public string File => file;

    public string Where => where;

    public string Type => Text("type");

    public bool Has(string key) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the key is there, even if its value is null.</summary>
    public bool HasKey(string key) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out _);

    /// <summary>Whether the key is there with an object.</summary>
    public bool HasObject(string key) => Has(key) && element.GetProperty(key).ValueKind == JsonValueKind.Object;

    public string? OptionalText(string key) => Has(key) ? Text(key) : null;

    /// <summary>A text of bounded length.</summary>
    public string Text(string key, int longest) =>
        Text(key) is var text && text.Length <= longest ? text : throw Wrong(key, $"at most {longest} characters long");

    /// <summary>The element itself as a text.</summary>
    public string OwnText() =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw new CheckpointException(file, $"'{where}' must be a text.");

    /// <summary>The element itself as a whole number that is not negative.</summary>
    public int OwnNumber() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int number) && number >= 0
        ? number
        : throw new CheckpointException(file, $"'{where}' must be a whole number that is not negative.");

    public double Real(string key) =>
        Has(key) && element.GetProperty(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) && number >= 0
            ? number
            : throw Wrong(key, "a number that is not negative");

    /// <summary>The entries of an object.</summary>
    public IReadOnlyList<(string Name, JsonRead Value)> Properties()
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new CheckpointException(file, $"'{where}' must be an object.");
        var result = new List<(string, JsonRead)>();
        foreach (JsonProperty property in element.EnumerateObject())
            result.Add((property.Name, new JsonRead(property.Value, file, $"{where}.{property.Name}")));
        return result;
    }

    public string Text(string key, string? absent = null) => Value(key, absent, JsonValueKind.String, v => v.GetString()!, "a text");

    public bool Flag(string key, bool? absent = null)
    {
        if (!Has(key))
            return absent ?? throw Lacks(key);
        return element.GetProperty(key).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(key, "true or false"),
        };
    }

    public int Number(string key, int? absent = null)
    {
        if (!Has(key))
            return absent ?? throw Lacks(key);
        JsonElement value = element.GetProperty(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0
            ? number
            : throw Wrong(key, "a whole number that is not negative");
    }

    /// <summary>A text of exactly one character, as its code point.</summary>
    public int Character(string key)
    {
        string text = Text(key);
        Rune.DecodeFromUtf16(text, out Rune rune, out int used);
        return text.Length > 0 && used == text.Length ? rune.Value : throw Wrong(key, "a single character");
    }

    public JsonRead Part(string key) => Has(key) ? new JsonRead(element.GetProperty(key), file, $"{where}.{key}") : throw Lacks(key);

    public IReadOnlyList<JsonRead> List(string key)
    {
        if (!Has(key))
            throw Lacks(key);
        JsonElement list = element.GetProperty(key);
        if (list.ValueKind != JsonValueKind.Array)
            throw Wrong(key, "an array");
        var result = new List<JsonRead>(list.GetArrayLength());
        foreach (JsonElement entry in list.EnumerateArray())
            result.Add(new JsonRead(entry, file, $"{where}.{key}[{result.Count}]"));
        return result;
    }

    public T Choice<T>(string key, IReadOnlyDictionary<string, T> known, string? absent = null)
    {
        string name = Text(key, absent);
        return known.TryGetValue(name, out T? value) ? value : throw Unknown(key, name, known.Keys);
    }

    public UnsupportedCheckpointException Unknown(string key, string name, IEnumerable<string> known) =>
        new(file, $"'{where}.{key}' is '{name}', which is not supported. Supported are {string.Join(", ", known.Order(StringComparer.Ordinal))}.");

    public CheckpointException Wrong(string key, string wanted) => new(file, $"'{where}.{key}' must be {wanted}.");

    private CheckpointException Lacks(string key) =>
        element.ValueKind == JsonValueKind.Object ? new(file, $"'{where}' lacks '{key}'.") : new CheckpointException(file, $"'{where}' must be an object.");

    private T Value<T>(string key, T? absent, JsonValueKind kind, Func<JsonElement, T> read, string wanted)
        where T : class
    {
        if (!Has(key))
            return absent ?? throw Lacks(key);
        JsonElement value = element.GetProperty(key);
        return value.ValueKind == kind ? read(value) : throw Wrong(key, wanted);
    }
}
