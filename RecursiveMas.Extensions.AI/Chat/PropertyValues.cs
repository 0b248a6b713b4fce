using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RecursiveMas.Shared;

namespace RecursiveMas.Chat;

/// <summary>The additional properties of a request by name; each is used or refused. A value may also be the text or the JSON of what it should be.</summary>
internal sealed class PropertyValues
{
    private readonly IReadOnlyDictionary<string, object?> _values;

    /// <param name="values">The properties; null for none.</param>
    /// <param name="ignored">Names that are meant for others.</param>
    /// <exception cref="InvalidOptionException">A name is unknown.</exception>
    public PropertyValues(AdditionalPropertiesDictionary? values, IReadOnlyList<string> ignored)
    {
        _values = values is null ? new Dictionary<string, object?>() : values.AsReadOnly();
        foreach (string name in _values.Keys)
        {
            if (!MasChatProperties.OfRequests.Contains(name) && !ignored.Contains(name))
            {
                throw new InvalidOptionException(
                    $"{nameof(ChatOptions.AdditionalProperties)}[\"{name}\"]",
                    $"is not known.{NearName.Suggest(name, MasChatProperties.OfRequests)} There are: {string.Join(", ", MasChatProperties.OfRequests)}. " +
                    $"What is meant for others belongs into {nameof(MasChatClientOptions)}.{nameof(MasChatClientOptions.IgnoredProperties)}.");
            }
        }
    }

    public string? Text(string name) => Plain(name) switch
    {
        null => null,
        string text => text,
        { } other => throw Wrong(name, other, "a text"),
    };

    public int? Number(string name) => Plain(name) switch
    {
        null => null,
        int number => number,
        long number and >= int.MinValue and <= int.MaxValue => (int)number,
        string text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) => number,
        { } other => throw Wrong(name, other, "a whole number"),
    };

    public bool? Flag(string name) => Plain(name) switch
    {
        null => null,
        bool flag => flag,
        string text when bool.TryParse(text, out bool flag) => flag,
        { } other => throw Wrong(name, other, "true or false"),
    };

    public T? OneOf<T>(string name)
        where T : struct, Enum => Plain(name) switch
        {
            null => null,
            T value when Enum.IsDefined(value) => value,
            string text when Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]) => value,
            { } other => throw Wrong(name, other, $"one of {string.Join(", ", Enum.GetNames<T>())}"),
        };

    private object? Plain(string name) => _values.GetValueOrDefault(name) switch
    {
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        JsonElement { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out long whole) => whole,
        JsonElement { ValueKind: JsonValueKind.Null } => null,
        var value => value,
    };

    private static InvalidOptionException Wrong(string name, object value, string wanted) => new(
        $"{nameof(ChatOptions.AdditionalProperties)}[\"{name}\"]",
        string.Create(CultureInfo.InvariantCulture, $"'{value}' is not possible; it must be {wanted}."));
}
