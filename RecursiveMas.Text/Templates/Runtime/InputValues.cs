using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Runtime;

/// <summary>Turns what a caller hands in into values of the engine, as copies that nobody else can change.</summary>
internal sealed class InputValues
{
    private long _size;

    public static (Dictionary<string, object?> Values, long Size) Convert(IReadOnlyDictionary<string, object?> variables)
    {
        var converter = new InputValues();
        var values = new Dictionary<string, object?>(variables.Count);
        foreach ((string name, object? value) in variables)
            values[name] = converter.Convert(name, value, 0);
        return (values, converter._size);
    }

    private object? Convert(string path, object? value, int depth)
    {
        if (depth > TemplateLimits.InputDepth)
            throw TemplateFault.Limit($"the variable '{path.Split('.')[0]}' is nested more than {TemplateLimits.InputDepth} levels deep.");
        _size++;
        switch (value)
        {
            case null or bool or double:
                return value;
            case string text:
                _size += text.Length;
                return text;
            case int or long or short or byte or sbyte or ushort or uint:
                return Integers.Box(System.Convert.ToInt64(value, CultureInfo.InvariantCulture));
            case ulong large:
                return Integers.Normalize(large);
            case BigInteger big:
                return Integers.Normalize(big);
            case float or decimal or Half:
                return value is Half half ? (double)half : System.Convert.ToDouble(value, CultureInfo.InvariantCulture);
            case char c:
                return c.ToString();
            case JsonElement element:
                return FromJson(path, element, depth);
            case JsonDocument document:
                return FromJson(path, document.RootElement, depth);
            case IEnumerable<KeyValuePair<string, object?>> entries:
                return FromEntries(path, entries, depth);
            case IDictionary dictionary:
                return FromDictionary(path, dictionary, depth);
            case IEnumerable<KeyValuePair<string, string>> texts:
                return FromEntries(path, texts.Select(t => KeyValuePair.Create(t.Key, (object?)t.Value)), depth);
            case IEnumerable items:
                var list = new List<object?>();
                foreach (object? item in items)
                    list.Add(Convert(path, item, depth + 1));
                return new PyList([.. list]);
            default:
                throw new InvalidOptionException(
                    path,
                    $"a template cannot hold a {value.GetType().Name}. Give text, booleans, numbers, null, lists, dictionaries or JSON.");
        }
    }

    private PyDict FromEntries(string path, IEnumerable<KeyValuePair<string, object?>> entries, int depth)
    {
        var dict = new PyDict();
        foreach ((string name, object? value) in entries)
        {
            _size += name.Length;
            dict.Set(name, Convert($"{path}.{name}", value, depth + 1));
        }

        return dict;
    }

    private PyDict FromDictionary(string path, IDictionary dictionary, int depth)
    {
        var dict = new PyDict(dictionary.Count);
        foreach (DictionaryEntry entry in dictionary)
        {
            object? key = Convert(path, entry.Key, depth + 1);
            if (!PyDict.IsHashable(key))
                throw new InvalidOptionException(path, "a key must be text, a number, a boolean or null.");
            dict.Set(key, Convert($"{path}.{entry.Key}", entry.Value, depth + 1));
        }

        return dict;
    }

    private object? FromJson(string path, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return FromEntries(path, element.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, (object?)p.Value)), depth);
            case JsonValueKind.Array:
                return new PyList([.. element.EnumerateArray().Select(item => Convert(path, item, depth + 1))]);
            case JsonValueKind.String:
                return Convert(path, element.GetString(), depth);
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            case JsonValueKind.Number:
                return FromNumber(path, element.GetRawText());
            case JsonValueKind.Null:
                return null;
            default:
                throw new InvalidOptionException(path, "the JSON element is undefined: its document was never read.");
        }
    }

    /// <summary>Numbers with a point or an exponent are floats, all others integers, as Python's JSON reader has it.</summary>
    private static object FromNumber(string path, string text)
    {
        if (text.AsSpan().IndexOfAny(".eE") >= 0)
            return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return text.Length <= TemplateLimits.IntegerDigits
            ? Integers.Normalize(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            : throw TemplateFault.Limit($"the variable '{path}' holds a number of more than {TemplateLimits.IntegerDigits} digits.");
    }
}
