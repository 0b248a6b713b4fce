using System.Collections;
using System.Reflection;

namespace RecursiveMas.Testing;

/// <summary>Values of any record type, made by reflection: every member has a value that is not its default, and no two texts or numbers are equal.</summary>
/// <param name="known">Makes the values of some types in its own way; null for others.</param>
public sealed class Samples(Func<Type, object?>? known = null)
{
    private int _count;

    /// <summary>A value.</summary>
    public object Of(Type type)
    {
        _count++;
        if (known?.Invoke(type) is { } made)
            return made;
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Of(inner);
        if (type.IsEnum)
            return Enum.GetValues(type) is var values ? values.GetValue(values.Length - 1)! : 0;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(type.GenericTypeArguments))!;
            dictionary.Add(Of(type.GenericTypeArguments[0]), Of(type.GenericTypeArguments[1]));
            return dictionary;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var list = Array.CreateInstance(type.GenericTypeArguments[0], 2);
            list.SetValue(Of(type.GenericTypeArguments[0]), 0);
            list.SetValue(Of(type.GenericTypeArguments[0]), 1);
            return list;
        }

        return type switch
        {
            _ when type == typeof(string) => $"text {_count}",
            _ when type == typeof(int) => _count,
            _ when type == typeof(long) => (long)_count,
            _ when type == typeof(double) => _count + 0.25,
            _ when type == typeof(bool) => true,
            _ when type == typeof(TimeSpan) => TimeSpan.FromTicks(_count * 1_234_567L),
            _ when type == typeof(RecursiveMasException) => new PromptException($"fault {_count}"),
            _ when IsRecord(type) => Record(type),
            _ => throw new NotSupportedException($"Say how to make a {type}."),
        };
    }

    private static bool IsRecord(Type type) => !type.IsAbstract && (type.GetMethod("<Clone>$") is not null
        || (type is { IsValueType: true, IsPrimitive: false } && type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is not null));

    private object Record(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();
        object value = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType))]);
        foreach (PropertyInfo property in Settable(type))
            property.SetValue(value, Of(property.PropertyType));
        return value;
    }

    /// <summary>The members of a type that a caller can set, those of its bases included.</summary>
    public static IEnumerable<PropertyInfo> Settable(Type type) =>
        type
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0);

    /// <summary>Where two values differ, by path; empty if nowhere. Exceptions are equal if their messages are.</summary>
    public static IEnumerable<string> Differences(object? expected, object? actual, string path = "")
    {
        if (expected is null || actual is null)
            return ReferenceEquals(expected, actual) ? [] : [$"{path}: {expected ?? "null"}, not {actual ?? "null"}"];
        if (expected is Exception error)
            return actual is Exception other && error.Message == other.Message ? [] : [$"{path}: {error.Message}"];
        if (expected is IDictionary dictionary)
            return [.. dictionary.Keys.Cast<object>().SelectMany(key => Differences(dictionary[key], ((IDictionary)actual)[key], $"{path}[{key}]"))];
        if (expected is IEnumerable list and not string)
        {
            object?[] one = [.. list.Cast<object?>()], two = [.. ((IEnumerable)actual).Cast<object?>()];
            return one.Length != two.Length
                ? [$"{path}: {one.Length} elements, not {two.Length}"]
                : [.. one.Zip(two).SelectMany((pair, index) => Differences(pair.First, pair.Second, $"{path}[{index}]"))];
        }

        if (expected.GetType() != actual.GetType())
            return [$"{path}: {expected.GetType().Name}, not {actual.GetType().Name}"];
        return expected.GetType().Assembly == typeof(string).Assembly || expected.GetType().IsEnum
            ? expected.Equals(actual) ? [] : [$"{path}: {expected}, not {actual}"]
            : [.. Settable(expected.GetType()).SelectMany(property => Differences(
                property.GetValue(expected),
                property.GetValue(actual),
                $"{path}.{property.Name}"))];
    }
}
