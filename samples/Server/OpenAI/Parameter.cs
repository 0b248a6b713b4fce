using System.Text.Json;

namespace RecursiveMas.Server.OpenAI;

/// <summary>A parameter of a request, with its whole name for messages.</summary>
internal readonly record struct Parameter(string Name, JsonElement Value)
{
    public bool IsNull => Value.ValueKind == JsonValueKind.Null;

    public bool IsEmpty => Value.ValueKind switch
    {
        JsonValueKind.Array => Value.GetArrayLength() == 0,
        JsonValueKind.Object => !Value.EnumerateObject().Any(),
        _ => false,
    };

    public bool Is(string name) => Name == name;

    public bool IsText(string text) => Value.ValueKind == JsonValueKind.String && Value.ValueEquals(text);

    public bool IsFlag(bool flag) => Value.ValueKind == (flag ? JsonValueKind.True : JsonValueKind.False);

    public bool IsWhole(long number) => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt64(out long value) && value == number;

    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Wrong("a text");

    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw Wrong("true or false");

    public float Number(float least, float most) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetSingle(out float number) && number >= least && number <= most
            ? number
            : throw Wrong($"a number from {least} to {most}");

    public long Whole(long least, long most) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt64(out long number) && number >= least && number <= most
            ? number
            : throw Wrong($"a whole number from {least} to {most}");

    /// <summary>A text, or a list of so many at most.</summary>
    public IList<string> Texts(int most)
    {
        if (Value.ValueKind == JsonValueKind.String)
            return [Text()];
        if (Value.ValueKind != JsonValueKind.Array || Value.GetArrayLength() > most)
            throw Wrong($"a text, or a list of at most {most}");
        return [.. Elements().Select(element => element.Text())];
    }

    public IEnumerable<Parameter> Elements()
    {
        string name = Name;
        return Value.ValueKind == JsonValueKind.Array
            ? Value.EnumerateArray().Select((element, place) => new Parameter($"{name}[{place}]", element))
            : throw Wrong("a list");
    }

    /// <summary>The members of an object but for those that are null.</summary>
    public IEnumerable<Parameter> Members()
    {
        string name = Name;
        return Value.ValueKind == JsonValueKind.Object
            ? Value.EnumerateObject().Select(member => new Parameter($"{name}.{member.Name}", member.Value)).Where(member => !member.IsNull)
            : throw Wrong("an object");
    }

    public ApiException Wrong(string wanted) => ApiException.BadRequest("invalid_value", $"The value of '{Name}' is not possible; it must be {wanted}.", Name);

    public ApiException Unknown() => ApiException.BadRequest("unknown_parameter", $"The parameter '{Name}' is unknown.", Name);
}
