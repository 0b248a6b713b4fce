using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RecursiveMas.Functions;

/// <summary>Reads what an agent wrote as the arguments of a function.</summary>
/// <param name="tool">Name of the tool, for messages.</param>
/// <param name="schema">JSON schema of the arguments.</param>
internal sealed class FunctionInput(string tool, JsonElement schema)
{
    private readonly string? _only = OnlyParameter(schema);

    /// <summary>What the function takes, for agents and for messages.</summary>
    public string Wanted => Has(schema, "properties", out JsonElement properties) && properties.EnumerateObject().Any()
        ? $"a JSON object of this schema: {schema.GetRawText().ReplaceLineEndings(" ")}"
        : "none";

    /// <exception cref="ToolInputException">The text does not fit the schema.</exception>
    public AIFunctionArguments Read(string text)
    {
        JsonElement given = Parse(text);
        if (JsonSchemaCheck.Find(schema, given) is { } fault)
            throw new ToolInputException(tool, $"{fault} It takes {Wanted}.");
        var arguments = new AIFunctionArguments();
        foreach (JsonProperty argument in given.EnumerateObject())
            arguments[argument.Name] = argument.Value;
        return arguments;
    }

    private JsonElement Parse(string text)
    {
        if (text.Length == 0 && (_only is null || !IsRequired(_only)))
            return JsonSerializer.SerializeToElement(new Dictionary<string, string>());
        JsonElement? json = null;
        JsonException? broken = null;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException error)
        {
            broken = error;
        }

        if (json is { ValueKind: JsonValueKind.Object } arguments && (_only is null || IsWhole(arguments)))
            return arguments;
        if (_only is not null)
            return Alone(_only, json, text);
        throw new ToolInputException(
            tool, broken is null ? $"it is no JSON object. It takes {Wanted}." : $"it is no JSON ({broken.Message}). It takes {Wanted}.", broken);
    }

    /// <summary>Whether an object is the whole of the arguments, and not the value of the only one.</summary>
    private bool IsWhole(JsonElement arguments) => !arguments.EnumerateObject().Any() || arguments.TryGetProperty(_only!, out _)
        || !AllowsObjects(schema.GetProperty("properties").GetProperty(_only!));

    /// <summary>The value of the only parameter: as JSON if that is what it takes, else as text.</summary>
    private JsonElement Alone(string name, JsonElement? json, string text)
    {
        JsonElement wanted = schema.GetProperty("properties").GetProperty(name);
        bool isJson = json is { } value && JsonSchemaCheck.Find(wanted, value, schema) is null;
        return JsonSerializer.SerializeToElement(new Dictionary<string, object?> { [name] = isJson ? json : text });
    }

    private bool IsRequired(string name) =>
        schema.TryGetProperty("required", out JsonElement required) && required.EnumerateArray().Any(other => other.ValueEquals(name));

    private static bool AllowsObjects(JsonElement parameter) => JsonSchemaCheck.AllowsType(parameter, "object");

    private static string? OnlyParameter(JsonElement schema)
    {
        if (!Has(schema, "properties", out JsonElement properties))
            return null;
        string[] names = [.. properties.EnumerateObject().Select(property => property.Name)];
        return names.Length == 1 ? names[0] : null;
    }

    private static bool Has(JsonElement schema, string name, out JsonElement value)
    {
        value = default;
        return schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out value) && value.ValueKind == JsonValueKind.Object;
    }
}
