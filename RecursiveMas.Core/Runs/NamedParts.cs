using System.Collections;
using System.Diagnostics.CodeAnalysis;
using RecursiveMas.Shared;

namespace RecursiveMas.Runs;

/// <summary>Parts of a system by name, in the order of its graph; a name that is not there is answered by those that are.</summary>
/// <param name="what">What a part is, in the singular: "agent".</param>
/// <param name="names">The names in order.</param>
/// <param name="parts">The parts; those without one of the names are left out.</param>
/// <param name="none">Why there are none, if there are none.</param>
internal sealed class NamedParts<T>(string what, IEnumerable<string> names, IReadOnlyDictionary<string, T> parts, string none) : IReadOnlyDictionary<string, T>
{
    private readonly OrderedDictionary<string, T> _parts =
        new(names.Where(parts.ContainsKey).Select(name => KeyValuePair.Create(name, parts[name])), StringComparer.Ordinal);

    public int Count => _parts.Count;

    public IEnumerable<string> Keys => _parts.Keys;

    public IEnumerable<T> Values => _parts.Values;

    /// <exception cref="GraphException">There is no such part; those that there are are listed.</exception>
    public T this[string key] => TryGetValue(key, out T? part)
        ? part
        : throw new GraphException(Count == 0
            ? $"There is no {what} '{key}': {none}"
            : $"There is no {what} '{key}'.{NearName.Suggest(key, Keys)} There are: {string.Join(", ", Keys)}.");

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _parts.TryGetValue(key, out value);
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _parts.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
