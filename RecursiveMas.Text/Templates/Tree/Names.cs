using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

internal enum NameUse
{
    Load,
    Store,
    Parameter,
}

internal sealed class NameExpression(string name, NameUse use, int line) : Expression(line, 1)
{
    public string Name { get; } = name;

    public NameUse Use { get; set; } = use;

    /// <summary>Set by the binder.</summary>
    public SlotRef Place { get; set; }

    protected override object? Compute(Activation frame)
    {
        object? value = frame[Place];
        return ReferenceEquals(value, Missing.Value) ? Undefined.Variable(Name) : value;
    }
}

/// <summary>"space.attribute" on the left of an assignment.</summary>
internal sealed class NamespaceTarget(string name, string attribute, int line) : Expression(line, 1)
{
    public string Name { get; } = name;

    public string Attribute { get; } = attribute;

    /// <summary>Set by the binder.</summary>
    public SlotRef Place { get; set; }

    protected override object? Compute(Activation frame) => throw new InvalidOperationException("A namespace target has no value.");

    public PyNamespace Owner(Activation frame) =>
        frame[Place] as PyNamespace ?? throw TemplateFault.Runtime("cannot assign attribute on non-namespace object");
}

/// <summary>Assignment to names, namespaces and tuples of them.</summary>
internal static class Targets
{
    public static void Assign(Activation frame, Expression target, object? value)
    {
        switch (target)
        {
            case NameExpression name:
                frame[name.Place] = value;
                break;
            case NamespaceTarget space:
                space.Owner(frame).Attributes[space.Attribute] = value;
                break;
            case TupleExpression tuple:
                Unpack(frame, tuple.Items, value);
                break;
        }
    }

    public static object? Read(Activation frame, Expression target) => target is TupleExpression tuple
        ? new PyTuple([.. tuple.Items.Select(item => Read(frame, item))])
        : target.Evaluate(frame);

    public static IEnumerable<NameExpression> Names(Expression target) => target switch
    {
        NameExpression name => [name],
        TupleExpression tuple => tuple.Items.SelectMany(Names),
        _ => [],
    };

    /// <summary>The same targets again, for a scope in which they lie elsewhere.</summary>
    public static Expression Copy(Expression target) => target switch
    {
        NameExpression name => new NameExpression(name.Name, name.Use, name.Line),
        TupleExpression tuple => new TupleExpression([.. tuple.Items.Select(Copy)], tuple.Line),
        _ => target,
    };

    private static void Unpack(Activation frame, Expression[] items, object? value)
    {
        IEnumerable<object?> source = Collections.TryIterate(value)
            ?? throw TemplateFault.TypeError($"cannot unpack non-iterable {TypeNames.Of(value)} object");
        object?[] values = [.. source.Take(items.Length + 1)];
        if (values.Length > items.Length)
            throw TemplateFault.ValueError($"too many values to unpack (expected {items.Length})");
        if (values.Length < items.Length)
            throw TemplateFault.ValueError($"not enough values to unpack (expected {items.Length}, got {values.Length})");
        for (int i = 0; i < items.Length; i++)
            Assign(frame, items[i], values[i]);
    }
}
