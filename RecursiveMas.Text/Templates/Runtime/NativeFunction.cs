using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Runtime;

/// <summary>Arguments of a call as the template wrote them.</summary>
internal sealed record CallArguments(object?[] Positional, KeyValuePair<string, object?>[] Named)
{
    public static readonly CallArguments None = new([], []);
}

/// <summary>Parameters of a native function, written as in Python: "old, new, count=" has an optional third one; "*rest" and "**named" collect.</summary>
internal sealed class Signature
{
    private readonly string[] _names;
    private readonly int _required;
    private readonly bool _positionalRest;
    private readonly bool _namedRest;

    public Signature(string parameters)
    {
        string[] parts = parameters.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        _namedRest = parts.Any(p => p.StartsWith("**", StringComparison.Ordinal));
        _positionalRest = parts.Any(p => p.StartsWith('*') && !p.StartsWith("**", StringComparison.Ordinal));
        string[] plain = [.. parts.Where(p => !p.StartsWith('*'))];
        _required = plain.Count(p => !p.EndsWith('='));
        _names = [.. plain.Select(p => p.TrimEnd('='))];
    }

    /// <summary>One value per parameter, <see cref="Missing"/> where none was given; then an array of the rest and the named rest, where collected.</summary>
    public object?[] Bind(string function, CallArguments arguments)
    {
        int extra = (_positionalRest ? 1 : 0) + (_namedRest ? 1 : 0);
        object?[] bound = new object?[_names.Length + extra];
        Array.Fill(bound, Missing.Value, 0, _names.Length);
        object?[] positional = arguments.Positional;
        int direct = Math.Min(positional.Length, _names.Length);
        Array.Copy(positional, bound, direct);
        if (_positionalRest)
            bound[_names.Length] = positional[direct..];
        else if (positional.Length > _names.Length)
            throw TemplateFault.TypeError($"{function}() takes {_names.Length} arguments but {positional.Length} were given");
        List<KeyValuePair<string, object?>>? rest = _namedRest ? [] : null;
        RenderBudget.Step(arguments.Positional.Length + arguments.Named.Length);
        foreach ((string name, object? value) in arguments.Named)
        {
            int index = Array.IndexOf(_names, name);
            if (index >= 0 && !ReferenceEquals(bound[index], Missing.Value))
                throw TemplateFault.TypeError($"{function}() got multiple values for argument '{name}'");
            if (index >= 0)
                bound[index] = value;
            else if (rest is not null)
                rest.Add(new(name, value));
            else
                throw TemplateFault.TypeError($"{function}() got an unexpected keyword argument '{name}'");
        }

        if (_namedRest)
            bound[^1] = rest!.ToArray();
        for (int i = 0; i < _required; i++)
        {
            if (ReferenceEquals(bound[i], Missing.Value))
                throw TemplateFault.TypeError($"{function}() missing 1 required positional argument: '{_names[i]}'");
        }

        return bound;
    }
}

/// <param name="state">The rendering.</param>
/// <param name="self">The value before the dot, the pipe or "is"; null for a global function.</param>
/// <param name="arguments">Bound arguments, see <see cref="Signature.Bind"/>.</param>
internal delegate object? NativeBody(RenderState state, object? self, object?[] arguments);

/// <summary>A filter, test, method or global that the engine brings along.</summary>
internal sealed class NativeFunction(string name, string parameters, NativeBody body)
{
    private readonly Signature _signature = new(parameters);

    public string Name { get; } = name;

    public object? Invoke(RenderState state, object? self, CallArguments arguments) => body(state, self, _signature.Bind(Name, arguments));
}

/// <summary>Something that a template can call.</summary>
internal abstract class Callable : IPyObject
{
    public abstract string TypeName { get; }

    public abstract object? Call(RenderState state, CallArguments arguments);
}

/// <summary>A native function with the value that it belongs to.</summary>
internal sealed class BoundFunction(NativeFunction function, object? self) : Callable
{
    public override string TypeName => "builtin_function_or_method";

    public override object? Call(RenderState state, CallArguments arguments) => function.Invoke(state, self, arguments);

    public override string ToString() => self is null ? $"<function {function.Name}>" : $"<built-in method {function.Name} of {TypeNames.Of(self)} object>";
}

/// <summary>Reads bound arguments.</summary>
internal static class ArgumentReading
{
    public static bool Has(this object?[] arguments, int index) => !ReferenceEquals(arguments[index], Missing.Value);

    public static object? Or(this object?[] arguments, int index, object? absent) => arguments.Has(index) ? arguments[index] : absent;

    /// <exception cref="TemplateFault">The argument is no text.</exception>
    public static string Text(this object?[] arguments, int index) => Texts.TryGet(arguments[index], out string text)
        ? text
        : throw TemplateFault.TypeError($"must be str, not {TypeNames.Of(arguments[index])}");

    public static string Text(this object?[] arguments, int index, string absent) => arguments.Has(index) ? arguments.Text(index) : absent;

    /// <exception cref="TemplateFault">The argument is no integer.</exception>
    public static long Integer(this object?[] arguments, int index, long absent) => arguments.Has(index) ? Integers.Clamp(arguments[index]) : absent;

    public static bool Flag(this object?[] arguments, int index, bool absent) => arguments.Has(index) ? Collections.IsTrue(arguments[index]) : absent;
}
