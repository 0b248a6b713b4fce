using System.Numerics;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Attributes of loops, macros, numbers and the other small objects.</summary>
internal static class ObjectProperties
{
    public static readonly Dictionary<string, Func<LoopContext, object?>> Loop = new()
    {
        ["index"] = l => Integers.Box(l.Index0 + 1),
        ["index0"] = l => Integers.Box(l.Index0),
        ["revindex"] = l => Integers.Box(l.Length - l.Index0),
        ["revindex0"] = l => Integers.Box(l.Length - l.Index0 - 1),
        ["first"] = l => l.First,
        ["last"] = l => l.Last,
        ["length"] = l => Integers.Box(l.Length),
        ["depth"] = l => Integers.Box(l.Depth0 + 1),
        ["depth0"] = l => Integers.Box(l.Depth0),
        ["previtem"] = l => l.Previous,
        ["nextitem"] = l => l.Next,
    };

    public static readonly Dictionary<string, NativeFunction> LoopMethods = new()
    {
        ["cycle"] = new("cycle", "*values", (_, self, a) => ((LoopContext)self!).Cycle((object?[])a[0]!)),
        ["changed"] = new("changed", "*values", (_, self, a) => ((LoopContext)self!).Changed((object?[])a[0]!)),
    };

    public static readonly Dictionary<string, Func<MacroValue, object?>> Macro = new()
    {
        ["name"] = m => m.Name,
        ["arguments"] = m => new PyTuple([.. m.Body.ParameterNames]),
        ["catch_kwargs"] = m => m.Body.UsesKwargs,
        ["catch_varargs"] = m => m.Body.UsesVarargs,
        ["caller"] = m => m.Body.UsesCaller,
        ["explicit_caller"] = m => Array.IndexOf(m.Body.ParameterNames, "caller") >= 0,
    };

    public static readonly Dictionary<string, Func<CyclerValue, object?>> Cycler = new()
    {
        ["current"] = c => c.Current,
        ["items"] = c => new PyTuple(c.Items),
        ["pos"] = c => Integers.Box(c.Position),
    };

    public static readonly Dictionary<string, NativeFunction> CyclerMethods = new()
    {
        ["next"] = new("next", "", (_, self, _) => ((CyclerValue)self!).Next()),
        ["reset"] = new("reset", "", (_, self, _) => ((CyclerValue)self!).Reset()),
    };

    public static readonly Dictionary<string, Func<JoinerValue, object?>> Joiner = new()
    {
        ["sep"] = j => j.Separator,
        ["used"] = j => j.Used,
    };

    public static readonly Dictionary<string, Func<PyRange, object?>> Range = new()
    {
        ["start"] = r => Integers.Box(r.Start),
        ["stop"] = r => Integers.Box(r.Stop),
        ["step"] = r => Integers.Box(r.Step),
    };

    public static readonly Dictionary<string, Func<object?, object?>> Integer = new()
    {
        ["real"] = v => Operators.Plus(v),
        ["imag"] = _ => Integers.Box(0),
        ["numerator"] = v => Operators.Plus(v),
        ["denominator"] = _ => Integers.Box(1),
    };

    public static readonly Dictionary<string, NativeFunction> IntegerMethods = new()
    {
        ["bit_length"] = new(
            "bit_length",
            "",
            (_, self, _) => Integers.TryBig(self, out BigInteger big) ? Integers.Box((long)BigInteger.Abs(big).GetBitLength()) : null),
        ["bit_count"] = new(
            "bit_count",
            "",
            (_, self, _) => Integers.TryBig(self, out BigInteger big) ? Integers.Box((long)BigInteger.PopCount(BigInteger.Abs(big))) : null),
        ["conjugate"] = new("conjugate", "", (_, self, _) => Operators.Plus(self)),
        ["as_integer_ratio"] = new("as_integer_ratio", "", (_, self, _) => new PyTuple([Operators.Plus(self), Integers.Box(1)])),
    };

    public static readonly Dictionary<string, Func<object?, object?>> Float = new()
    {
        ["real"] = v => v,
        ["imag"] = _ => 0.0,
    };

    public static readonly Dictionary<string, NativeFunction> FloatMethods = new()
    {
        ["is_integer"] = new("is_integer", "", (_, self, _) => double.IsFinite((double)self!) && Math.Floor((double)self) == (double)self),
        ["conjugate"] = new("conjugate", "", (_, self, _) => self),
    };
}

/// <summary>cycler(...): hands out its items in turn.</summary>
internal sealed class CyclerValue(object?[] items) : IPyObject
{
    public object?[] Items => items;

    public long Position { get; private set; }

    public object? Current => items[Position];

    public string TypeName => "jinja2.utils.Cycler";

    public object? Next()
    {
        object? current = Current;
        Position = (Position + 1) % items.Length;
        return current;
    }

    public object? Reset()
    {
        Position = 0;
        return null;
    }
}

/// <summary>joiner(...): nothing at the first call, the separator ever after.</summary>
internal sealed class JoinerValue(object? separator) : Callable
{
    public object? Separator => separator;

    public bool Used { get; private set; }

    public override string TypeName => "jinja2.utils.Joiner";

    public override object? Call(RenderState state, CallArguments arguments)
    {
        if (arguments.Positional.Length + arguments.Named.Length > 0)
            throw TemplateFault.TypeError("Joiner.__call__() takes 1 positional argument");
        bool first = !Used;
        Used = true;
        return first ? "" : separator;
    }
}
