using System.Numerics;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>What may stand after "is".</summary>
internal static class Tests
{
    public static readonly Dictionary<string, NativeFunction> Table = Build();

    private static Dictionary<string, NativeFunction> Build()
    {
        var table = new Dictionary<string, NativeFunction>
        {
            ["odd"] = Test("odd", v => Comparison.AreEqual(Operators.Modulo(v, Integers.Box(2)), Integers.Box(1))),
            ["even"] = Test("even", v => Comparison.AreEqual(Operators.Modulo(v, Integers.Box(2)), Integers.Box(0))),
            ["divisibleby"] = Test("divisibleby", "num", (v, a) => Comparison.AreEqual(Operators.Modulo(v, a[0]), Integers.Box(0))),
            ["defined"] = Test("defined", v => v is not Undefined),
            ["undefined"] = Test("undefined", v => v is Undefined),
            ["none"] = Test("none", v => v is null),
            ["boolean"] = Test("boolean", v => v is bool),
            ["true"] = Test("true", v => v is true),
            ["false"] = Test("false", v => v is false),
            ["integer"] = Test("integer", v => v is long or BigInteger),
            ["float"] = Test("float", v => v is double),
            ["number"] = Test("number", Numbers.Is),
            ["string"] = Test("string", v => v is string or Markup),
            ["mapping"] = Test("mapping", v => v is PyDict),
            ["sequence"] = Test("sequence", v => v is string or Markup or PySequence or PyDict or PyRange or PyBytes or Undefined),
            ["iterable"] = Test("iterable", v => v is PyIterator or LoopContext || Collections.TryIterate(v) is not null),
            ["callable"] = Test("callable", v => v is Callable or Undefined),
            ["escaped"] = Test("escaped", v => v is Markup),
            ["lower"] = Test("lower", v => TextTests.IsLower(Printing.Text(v))),
            ["upper"] = Test("upper", v => TextTests.IsUpper(Printing.Text(v))),
            ["sameas"] = Test("sameas", "other", (v, a) => AreSame(v, a[0])),
            ["in"] = Test("in", "seq", (v, a) => Collections.Contains(a[0], v)),
            ["filter"] = Test("filter", v => Known(Filters.Table, v)),
            ["test"] = Test("test", v => Known(Table!, v)),
        };
        (string Symbol, string[] Names)[] comparisons =
        [
            ("==", ["eq", "equalto", "=="]), ("!=", ["ne", "!="]), ("<", ["lt", "lessthan", "<"]),
            ("<=", ["le", "<="]), (">", ["gt", "greaterthan", ">"]), (">=", ["ge", ">="]),
        ];
        foreach ((string symbol, string[] names) in comparisons)
        {
            foreach (string name in names)
                table[name] = Test(name, "other", (v, a) => Operators.Compare(symbol, v, a[0]));
        }

        return table;
    }

    private static NativeFunction Test(string name, Func<object?, bool> holds) => new("test_" + name, "", (_, value, _) => holds(value));

    private static NativeFunction Test(string name, string parameters, Func<object?, object?[], bool> holds) =>
        new("test_" + name, parameters, (_, value, a) => holds(value, a));

    private static bool Known(Dictionary<string, NativeFunction> table, object? name) => PyDict.IsHashable(name)
        ? Texts.TryGet(name, out string text) && table.ContainsKey(text)
        : throw TemplateFault.TypeError($"unhashable type: '{TypeNames.Of(name)}'");

    /// <summary>Identity. Equal text and small integers are one object in Python, as far as a template can tell.</summary>
    private static bool AreSame(object? a, object? b) => (a, b) switch
    {
        (bool x, bool y) => x == y,
        (long x, long y) => x == y,
        (double x, double y) => x.Equals(y),
        (string x, string y) => x == y,
        _ => ReferenceEquals(a, b),
    };
}
