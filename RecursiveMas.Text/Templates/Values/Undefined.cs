using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>A slot that nothing was ever put into; never visible to a template.</summary>
internal sealed class Missing
{
    public static readonly object Value = new Missing();

    private Missing()
    {
    }
}

/// <summary>What a name, attribute or element is that does not exist: prints nothing, is false and empty, and fails in every other use.</summary>
internal sealed class Undefined : IPyObject
{
    private readonly string? _hint;
    private readonly string _errorType;
    private readonly object? _owner;
    private readonly object? _name;

    public Undefined(string? hint, object? owner = null, object? name = null, string errorType = "UndefinedError")
    {
        _hint = hint;
        _owner = owner;
        _name = name;
        _errorType = errorType;
    }

    public string TypeName => "Undefined";

    private string Message =>
        _hint ?? (ReferenceEquals(_owner, Missing.Value) ? $"'{_name}' is undefined"
            : _name is string ? $"'{TypeNames.Describe(_owner)}' has no attribute '{_name}'"
            : $"{TypeNames.Describe(_owner)} has no element {Shown(_name)}");

    public static Undefined Variable(string name) => new(null, Missing.Value, name);

    public static Undefined Element(object? owner, object? name) => new(null, owner, name);

    public static Undefined Unsafe(object? owner, string name) =>
        new($"access to attribute '{name}' of '{TypeNames.Of(owner)}' object is unsafe.", owner, name, "SecurityError");

    public TemplateFault Fault() => new(_errorType, Message);

    /// <summary>The error of using an undefined value, or another if the value is defined.</summary>
    public static TemplateFault FaultOr(object? value, Func<TemplateFault> otherwise) => value is Undefined undefined ? undefined.Fault() : otherwise();

    private static string Shown(object? name) => name is null ? "None" : name.ToString() ?? "";
}
