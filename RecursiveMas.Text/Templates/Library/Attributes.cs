using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Attribute and element access under the sandbox's rules.</summary>
internal static class Attributes
{
    // Methods of lists and dictionaries that would change them: the immutable sandbox hides them.
    private static readonly HashSet<string> ListChanges = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
    private static readonly HashSet<string> DictChanges = ["clear", "pop", "popitem", "setdefault", "update"];

    /// <summary>"value.name".</summary>
    public static object? GetAttribute(RenderState state, object? value, string name)
    {
        if (TryAttribute(state, value, name, out object? attribute))
            return attribute;
        if (value is Undefined undefined)
            throw undefined.Fault();
        return TryElement(state, value, name, out object? element) ? element : Undefined.Element(value, name);
    }

    /// <summary>"value[key]".</summary>
    public static object? GetItem(RenderState state, object? value, object? key)
    {
        if (value is Undefined undefined)
            throw undefined.Fault();
        if (TryElement(state, value, key, out object? element))
            return element;
        return Texts.TryGet(key, out string name) && TryAttribute(state, value, name, out object? attribute) ? attribute : Undefined.Element(value, key);
    }

    /// <summary>An attribute as Python's getattr finds it; hidden ones come back as an undefined value that fails in use.</summary>
    public static bool TryAttribute(RenderState state, object? value, string name, out object? attribute)
    {
        if (name.StartsWith('_'))
        {
            bool exists = SpecialNames.Exist(value, name);
            attribute = exists ? Undefined.Unsafe(value, name) : null;
            return exists;
        }

        switch (value)
        {
            case string or Markup:
                return Method(StringMethods.Table, value, name, out attribute);
            case PyDict:
                return Method(ContainerMethods.Dict, value, name, out attribute) || Hidden(DictChanges, value, name, out attribute);
            case PyTuple { Fields: { } fields } tuple when Array.IndexOf(fields, name) is var index and >= 0:
                attribute = tuple.Items[index];
                return true;
            case PySequence:
                return Method(ContainerMethods.Sequence, value, name, out attribute)
                    || value is PyList && (Method(ContainerMethods.List, value, name, out attribute) || Hidden(ListChanges, value, name, out attribute));
            case PyNamespace space:
                return space.Attributes.TryGetValue(name, out attribute);
            case LoopContext loop:
                return Property(ObjectProperties.Loop, loop, name, out attribute) || Method(ObjectProperties.LoopMethods, loop, name, out attribute);
            case MacroValue macro:
                return Property(ObjectProperties.Macro, macro, name, out attribute);
            case CyclerValue cycler:
                return Property(ObjectProperties.Cycler, cycler, name, out attribute) || Method(ObjectProperties.CyclerMethods, cycler, name, out attribute);
            case JoinerValue joiner:
                return Property(ObjectProperties.Joiner, joiner, name, out attribute);
            case PyRange range:
                return Property(ObjectProperties.Range, range, name, out attribute) || Method(ContainerMethods.Range, range, name, out attribute);
            case PyDictView { Kind: not DictViewKind.Values }:
                return Method(ContainerMethods.View, value, name, out attribute);
            case PyBytes:
                return ContainerMethods.OtherBytes.Contains(name)
                    ? throw TemplateFault.Runtime($"the method '{name}' of bytes is not supported: decode them first")
                    : Method(ContainerMethods.Bytes, value, name, out attribute);
            case double:
                return Property(ObjectProperties.Float, value, name, out attribute) || Method(ObjectProperties.FloatMethods, value, name, out attribute);
            case long or bool or System.Numerics.BigInteger:
                return Property(ObjectProperties.Integer, value, name, out attribute) || Method(ObjectProperties.IntegerMethods, value, name, out attribute);
            default:
                attribute = null;
                return false;
        }
    }

    /// <summary>An element as "value[key]" finds it, false where Python raises a lookup or type error.</summary>
    public static bool TryElement(RenderState state, object? value, object? key, out object? element)
    {
        switch (value)
        {
            case PyDict dict:
                element = null;
                return PyDict.IsHashable(key) && dict.TryGet(key, out element);
            case PySequence sequence:
                return TryIndex(key, sequence.Items.Length, i => sequence.Items[i], out element);
            case string text:
                element = null;
                if (!Integers.Is(key) || !Texts.TryIndex(text, Integers.Clamp(key), out string? character))
                    return false;
                element = character;
                return true;
            case Markup markup:
                element = null;
                if (!Integers.Is(key) || !Texts.TryIndex(markup.Text, Integers.Clamp(key), out string? safe))
                    return false;
                element = new Markup(safe!);
                return true;
            case PyRange range:
                return TryIndex(key, (int)range.Count, i => Integers.Box(range[i]), out element);
            case PyBytes bytes:
                return TryIndex(key, bytes.Data.Length, i => Integers.Box(bytes.Data[i]), out element);
            case BlocksValue blocks:
                element = key is string name ? blocks.Find(state, name) : null;
                return element is not null;
            default:
                element = null;
                return false;
        }
    }

    private static bool TryIndex(object? key, int count, Func<int, object?> item, out object? element)
    {
        element = null;
        if (!Integers.Is(key))
            return false;
        long index = Integers.Clamp(key);
        if (index < 0)
            index += count;
        if (index < 0 || index >= count)
            return false;
        element = item((int)index);
        return true;
    }

    private static bool Method(Dictionary<string, NativeFunction> table, object? value, string name, out object? attribute)
    {
        bool found = table.TryGetValue(name, out NativeFunction? function);
        attribute = found ? new BoundFunction(function!, value) : null;
        return found;
    }

    private static bool Property<T>(Dictionary<string, Func<T, object?>> table, T value, string name, out object? attribute)
    {
        bool found = table.TryGetValue(name, out Func<T, object?>? read);
        attribute = found ? read!(value) : null;
        return found;
    }

    private static bool Hidden(HashSet<string> names, object? value, string name, out object? attribute)
    {
        bool hidden = names.Contains(name);
        attribute = hidden ? Undefined.Unsafe(value, name) : null;
        return hidden;
    }
}
