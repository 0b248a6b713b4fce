using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

internal sealed class ConstantExpression(object? value, int line) : Expression(line, 1)
{
    public object? Value { get; } = value;

    protected override object? Compute(Activation frame) => Value;
}

internal sealed class TupleExpression(Expression[] items, int line) : Expression(line, Below(items))
{
    public Expression[] Items { get; } = items;

    public override IEnumerable<Node> Children => Items;

    protected override object? Compute(Activation frame)
    {
        RenderBudget.Items(Items.Length);
        return Items.Length == 0 ? PyTuple.Empty : new PyTuple(Array.ConvertAll(Items, item => item.Evaluate(frame)));
    }
}

internal sealed class ListExpression(Expression[] items, int line) : Expression(line, Below(items))
{
    public override IEnumerable<Node> Children => items;

    protected override object? Compute(Activation frame)
    {
        RenderBudget.Items(items.Length);
        return new PyList(Array.ConvertAll(items, item => item.Evaluate(frame)));
    }
}

internal sealed class DictExpression((Expression Key, Expression Value)[] items, int line)
    : Expression(line, Below(items.SelectMany(i => new[] { i.Key, i.Value })))
{
    public override IEnumerable<Node> Children => items.SelectMany(i => new Node[] { i.Key, i.Value });

    protected override object? Compute(Activation frame)
    {
        Mark(frame);
        RenderBudget.Items(4L * items.Length);
        var dict = new PyDict(items.Length);
        foreach ((Expression key, Expression value) in items)
            dict.Set(key.Evaluate(frame), value.Evaluate(frame));
        return dict;
    }
}
