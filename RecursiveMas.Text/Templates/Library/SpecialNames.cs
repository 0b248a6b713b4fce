using System.Numerics;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Which attributes with a leading underscore Python's objects have: those the sandbox hides, all others are plain missing.</summary>
internal static class SpecialNames
{
    private static readonly HashSet<string> Object = Set(
        "class delattr dir doc eq format ge getattribute getstate gt hash init init_subclass le lt ne new reduce reduce_ex repr setattr sizeof str " +
        "subclasshook");

    private static readonly HashSet<string> Text = Set("add contains getitem getnewargs iter len mod mul rmod rmul");
    private static readonly HashSet<string> Safe = Set("add contains getitem getnewargs iter len mod mul rmod rmul radd html html_format module slots");
    private static readonly HashSet<string> List = Set("add class_getitem contains delitem getitem iadd imul iter len mul reversed rmul setitem");
    private static readonly HashSet<string> Tuple = Set("add class_getitem contains getitem getnewargs iter len mul rmul");
    private static readonly HashSet<string> Dict = Set("class_getitem contains delitem getitem ior iter len or reversed ror setitem");
    private static readonly HashSet<string> Range = Set("bool contains getitem iter len reversed");
    private static readonly HashSet<string> View = Set("and contains iter len or rand reversed ror rsub rxor sub xor");
    private static readonly HashSet<string> None = Set("bool");
    private static readonly HashSet<string> Iterator = Set("del iter name next qualname");
    private static readonly HashSet<string> Bytes = Set("add bytes contains getitem getnewargs iter len mod mul rmod rmul");
    private static readonly HashSet<string> Function = Set("call module name qualname self text_signature dict");
    private static readonly HashSet<string> Own = Set("dict module weakref call iter len next setitem getitem");

    private static readonly HashSet<string> Integer = Set(
        "abs add and bool ceil divmod float floor floordiv getnewargs index int invert lshift mod mul neg or pos pow radd rand rdivmod rfloordiv " +
        "rlshift rmod rmul ror round rpow rrshift rshift rsub rtruediv rxor sub truediv trunc xor");

    private static readonly HashSet<string> Float = Set(
        "abs add bool ceil divmod float floor floordiv getformat getnewargs int mod mul neg pos pow radd rdivmod rfloordiv rmod rmul round rpow " +
        "rsub rtruediv sub truediv trunc");

    private static readonly HashSet<string> Undefined = Set(
        "add aiter bool call complex div float floordiv getattr getitem int iter len mod module mul neg pos pow radd rdiv rfloordiv rmod rmul " +
        "rpow rsub rtruediv slots sub truediv");

    public static bool Exist(object? value, string name) => Object.Contains(name) || Of(value).Contains(name);

    private static HashSet<string> Of(object? value) => value switch
    {
        null => None,
        string => Text,
        long or bool or BigInteger => Integer,
        double => Float,
        Markup => Safe,
        PyList => List,
        PyTuple => Tuple,
        PyDict => Dict,
        PyRange => Range,
        PyDictView => View,
        PyIterator => Iterator,
        PyBytes => Bytes,
        Values.Undefined => Undefined,
        BoundFunction => Function,
        _ => Own,
    };

    private static HashSet<string> Set(string names) => [.. names.Split(' ').Select(n => $"__{n}__")];
}
