using System.Globalization;
using System.Text.Json;

namespace RecursiveMas.Functions;

/// <summary>
/// Compares a value with a JSON schema: types, properties, items, enumerations, ranges, alternatives and references within the schema. Keywords of another
/// kind, such as formats and patterns, are notes for the writer and left to the function.
/// </summary>
/// <param name="root">What references in schemas begin at.</param>
internal sealed class JsonSchemaCheck(JsonElement root)
{
    // Schemas may come from servers; one that refers to itself in several places would never come to an end.
    private const int MaximumDepth = 64, MaximumChecks = 100_000;

    private int _checks;

    /// <summary>The first thing that does not fit, as a sentence that names the place; null if all fits.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="value">The value.</param>
    /// <param name="root">What references in the schema begin at. Default: the schema itself.</param>
    public static string? Find(JsonElement schema, JsonElement value, JsonElement? root = null) =>
        new JsonSchemaCheck(root ?? schema).Find(schema, value, "", 0);

    /// <summary>Whether a schema allows values of a type by its keyword "type"; without it, everything is allowed.</summary>
    public static bool AllowsType(JsonElement schema, string type) =>
        schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("type", out JsonElement wanted) || Types(wanted).Contains(type);

    private string? Find(JsonElement schema, JsonElement value, string place, int depth)
    {
        if (schema.ValueKind == JsonValueKind.False)
            return $"{Named(place)} is not allowed.";
        if (schema.ValueKind != JsonValueKind.Object)
            return null;
        if (depth > MaximumDepth || ++_checks > MaximumChecks)
            return $"{Named(place)} is too complicated to be checked.";
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            string? fault = keyword.Name switch
            {
                "$ref" => Resolve(keyword.Value.GetString()) is { } target ? Find(target, value, place, depth + 1) : null,
                "type" => Type(keyword.Value, value, place),
                "enum" => keyword.Value.EnumerateArray().Any(allowed => JsonElement.DeepEquals(allowed, value)) ? null
                    : $"{Named(place)} must be one of {string.Join(", ", keyword.Value.EnumerateArray().Select(allowed => allowed.GetRawText()))}.",
                "const" => JsonElement.DeepEquals(keyword.Value, value) ? null : $"{Named(place)} must be {keyword.Value.GetRawText()}.",
                "required" => Required(keyword.Value, value, place),
                "properties" => Properties(keyword.Value, value, place, depth),
                "additionalProperties" => Additional(schema, keyword.Value, value, place, depth),
                "items" => Items(keyword.Value, value, place, depth),
                "allOf" => keyword.Value.EnumerateArray().Select(part => Find(part, value, place, depth + 1)).FirstOrDefault(part => part is not null),
                "anyOf" or "oneOf" => Alternatives(keyword.Value, value, place, depth),
                "minimum" => Limit(keyword.Value, value, place, (limit, number) => number >= limit, "at least"),
                "maximum" => Limit(keyword.Value, value, place, (limit, number) => number <= limit, "at most"),
                "exclusiveMinimum" => Limit(keyword.Value, value, place, (limit, number) => number > limit, "more than"),
                "exclusiveMaximum" => Limit(keyword.Value, value, place, (limit, number) => number < limit, "less than"),
                "minLength" => Length(keyword.Value, value, JsonValueKind.String, place, (limit, length) => length >= limit, "at least"),
                "maxLength" => Length(keyword.Value, value, JsonValueKind.String, place, (limit, length) => length <= limit, "at most"),
                "minItems" => Length(keyword.Value, value, JsonValueKind.Array, place, (limit, length) => length >= limit, "at least"),
                "maxItems" => Length(keyword.Value, value, JsonValueKind.Array, place, (limit, length) => length <= limit, "at most"),
                _ => null,
            };
            if (fault is not null)
                return fault;
        }

        return null;
    }

    private static string? Type(JsonElement wanted, JsonElement value, string place)
    {
        string[] types = [.. Types(wanted)];
        return types.Any(type => Is(value, type)) ? null : $"{Named(place)} must be {string.Join(" or ", types)}, not {Kind(value)}.";
    }

    private static IEnumerable<string> Types(JsonElement wanted) => wanted.ValueKind == JsonValueKind.Array
        ? wanted.EnumerateArray().Select(type => type.GetString() ?? "")
        : [wanted.GetString() ?? ""];

    private static bool Is(JsonElement value, string type) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0,
        _ => type == Kind(value),
    };

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private static string? Required(JsonElement names, JsonElement value, string place) => value.ValueKind != JsonValueKind.Object ? null
        : names.EnumerateArray().Select(name => name.GetString()!).FirstOrDefault(name => !value.TryGetProperty(name, out _)) is { } missing
            ? $"{Named(Inside(place, missing))} is missing."
            : null;

    private string? Properties(JsonElement schemas, JsonElement value, string place, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        foreach (JsonProperty property in schemas.EnumerateObject())
        {
            if (value.TryGetProperty(property.Name, out JsonElement given)
                && Find(property.Value, given, Inside(place, property.Name), depth + 1) is { } fault)
                return fault;
        }

        return null;
    }

    private string? Additional(JsonElement schema, JsonElement additional, JsonElement value, string place, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        bool named = schema.TryGetProperty("properties", out JsonElement known);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (named && known.TryGetProperty(property.Name, out _))
                continue;
            if (additional.ValueKind == JsonValueKind.False)
                return $"{Named(Inside(place, property.Name))} is no argument.";
            if (Find(additional, property.Value, Inside(place, property.Name), depth + 1) is { } fault)
                return fault;
        }

        return null;
    }

    private string? Items(JsonElement schema, JsonElement value, string place, int depth) => value.ValueKind != JsonValueKind.Array
        ? null
        : value.EnumerateArray()
            .Select((item, index) => Find(schema, item, string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]"), depth + 1))
            .FirstOrDefault(fault => fault is not null);

    private string? Alternatives(JsonElement schemas, JsonElement value, string place, int depth)
    {
        string? first = null;
        foreach (JsonElement schema in schemas.EnumerateArray())
        {
            if (Find(schema, value, place, depth + 1) is not { } fault)
                return null;
            first ??= fault;
        }

        return first;
    }

    private static string? Limit(JsonElement limit, JsonElement value, string place, Func<double, double, bool> fits, string words) =>
        value.ValueKind != JsonValueKind.Number || fits(limit.GetDouble(), value.GetDouble()) ? null : $"{Named(place)} must be {words} {limit.GetRawText()}.";

    private static string? Length(JsonElement limit, JsonElement value, JsonValueKind kind, string place, Func<int, int, bool> fits, string words)
    {
        if (value.ValueKind != kind)
            return null;
        int length = kind == JsonValueKind.String ? value.GetString()!.EnumerateRunes().Count() : value.GetArrayLength();
        return fits(limit.GetInt32(), length)
            ? null
            : $"{Named(place)} must have {words} {limit.GetRawText()} {(kind == JsonValueKind.String ? "characters" : "items")}.";
    }

    /// <summary>What a reference within the schema, such as "#/$defs/Node", stands for; null if it leads nowhere.</summary>
    private JsonElement? Resolve(string? reference)
    {
        if (reference is null || !reference.StartsWith('#'))
            return null;
        JsonElement at = root;
        foreach (string step in reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && index < at.GetArrayLength())
                at = at[index];
            else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
                return null;
        }

        return at;
    }

    private static string Inside(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";

    private static string Named(string place) => place.Length == 0 ? "The input" : $"'{place}'";
}
