using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecursiveMas.Serialization;

/// <summary>
/// Writes an exception as its type and message. What is read back has both, but is not of that type, because no type that a text names is ever created.
/// </summary>
public sealed class ErrorConverter : JsonConverter<RecursiveMasException>
{
    private const string TypeName = "type", MessageName = "message";

    /// <inheritdoc/>
    public override RecursiveMasException Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var error = JsonDocument.ParseValue(ref reader);
        string? Text(string name) => error.RootElement is { ValueKind: JsonValueKind.Object } root
            && root.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
        return Text(TypeName) is { } type && Text(MessageName) is { } message
            ? new RecordedException(type, message)
            : throw new JsonException($"An error is an object with the texts \"{TypeName}\" and \"{MessageName}\".");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RecursiveMasException value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WriteString(TypeName, value is RecordedException recorded ? recorded.Type : value.GetType().Name);
        writer.WriteString(MessageName, value.Message);
        writer.WriteEndObject();
    }

    /// <summary>An exception that was raised elsewhere.</summary>
    /// <param name="type">Name of its type there.</param>
    /// <param name="message">Its message.</param>
    private sealed class RecordedException(string type, string message) : RecursiveMasException(message)
    {
        public string Type => type;
    }
}
