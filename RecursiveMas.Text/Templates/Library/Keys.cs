using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>What filters with an "attribute" argument look at: "name", "outer.inner.0", or several with commas between.</summary>
internal static class Keys
{
    /// <param name="state">The rendering.</param>
    /// <param name="attribute">The path; null for the item itself.</param>
    /// <param name="ignoreCase">Lower-cases text.</param>
    /// <param name="fallback">Stands for a missing attribute, unless it is null.</param>
    public static Func<object?, object?> Single(RenderState state, object? attribute, bool ignoreCase, object? fallback)
    {
        object?[] parts = Parts(attribute);
        return item =>
        {
            RenderBudget.Step();
            foreach (object? part in parts)
            {
                item = Attributes.GetItem(state, item, part);
                if (fallback is not null && item is Undefined)
                    item = fallback;
            }

            return ignoreCase ? IgnoreCase(item) : item;
        };
    }

    /// <summary>A list with one entry per path.</summary>
    public static Func<object?, object?> Multiple(RenderState state, object? attribute, bool caseSensitive)
    {
        object?[] paths = Texts.TryGet(attribute, out string text) ? text.Split(',') : [attribute];
        Func<object?, object?>[] keys = Array.ConvertAll(paths, path => Single(state, path, !caseSensitive, null));
        return item => new PyList(Array.ConvertAll(keys, key => key(item)));
    }

    public static object? IgnoreCase(object? value) => value switch
    {
        string text => LetterCase.Lower(text),
        Markup markup => new Markup(LetterCase.Lower(markup.Text)),
        _ => value,
    };

    private static object?[] Parts(object? attribute)
    {
        if (attribute is null)
            return [];
        if (!Texts.TryGet(attribute, out string path))
            return [attribute];
        return [.. path.Split('.').Select(p => p.Length is > 0 and < 18 && p.All(Characters.IsDigit)
            ? Integers.Box(long.Parse(p, System.Globalization.CultureInfo.InvariantCulture))
            : p)];
    }
}
