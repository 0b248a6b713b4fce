using System.Text;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

internal sealed class BinaryExpression(Func<object?, object?, object?> operation, Expression left, Expression right, int line)
    : Expression(line, Below(left, right))
{
    public override IEnumerable<Node> Children => [left, right];

    protected override object? Compute(Activation frame)
    {
        object? a = left.Evaluate(frame);
        object? b = right.Evaluate(frame);
        Mark(frame);
        return operation(a, b);
    }
}

internal sealed class UnaryExpression(Func<object?, object?> operation, Expression operand, int line) : Expression(line, Below(operand))
{
    public override IEnumerable<Node> Children => [operand];

    protected override object? Compute(Activation frame)
    {
        object? value = operand.Evaluate(frame);
        Mark(frame);
        return operation(value);
    }
}

internal sealed class AndExpression(Expression left, Expression right, int line) : Expression(line, Below(left, right))
{
    public override IEnumerable<Node> Children => [left, right];

    protected override object? Compute(Activation frame) => left.Evaluate(frame) is var value && Collections.IsTrue(value) ? right.Evaluate(frame) : value;
}

internal sealed class OrExpression(Expression left, Expression right, int line) : Expression(line, Below(left, right))
{
    public override IEnumerable<Node> Children => [left, right];

    protected override object? Compute(Activation frame) => left.Evaluate(frame) is var value && Collections.IsTrue(value) ? value : right.Evaluate(frame);
}

/// <summary>"a &lt; b &lt;= c": each operand is evaluated once, the first false comparison ends the chain.</summary>
internal sealed class CompareExpression(Expression first, (string Symbol, Expression Operand)[] rest, int line)
    : Expression(line, Below([first, .. rest.Select(r => r.Operand)]))
{
    public override IEnumerable<Node> Children => [first, .. rest.Select(r => r.Operand)];

    protected override object? Compute(Activation frame)
    {
        object? left = first.Evaluate(frame);
        foreach ((string symbol, Expression operand) in rest)
        {
            object? right = operand.Evaluate(frame);
            Mark(frame);
            if (!Operators.Compare(symbol, left, right))
                return false;
            left = right;
        }

        return true;
    }
}

/// <summary>"a ~ b ~ c": joins the texts of all parts.</summary>
internal sealed class ConcatExpression(Expression[] parts, int line) : Expression(line, Below(parts))
{
    /// <summary>Set by the binder: inside a block that switches escaping on.</summary>
    public bool Escapes { get; set; }

    public override IEnumerable<Node> Children => parts;

    protected override object? Compute(Activation frame)
    {
        object?[] values = Array.ConvertAll(parts, part => part.Evaluate(frame));
        Mark(frame);
        bool markup = Escapes && Array.Exists(values, v => v is Markup);
        var text = new StringBuilder();
        foreach (object? value in values)
        {
            string part = Printing.Text(value);
            if (markup && value is not Markup)
                part = Markup.Escape(part);
            RenderBudget.Text(part.Length);
            text.Append(part);
        }

        return markup ? new Markup(text.ToString()) : text.ToString();
    }
}

/// <summary>"a if test else b"; without an else the value is undefined.</summary>
internal sealed class ConditionalExpression(Expression test, Expression then, Expression? otherwise, int line)
    : Expression(line, Below(test, then, otherwise))
{
    public override IEnumerable<Node> Children => otherwise is null ? [test, then] : [test, then, otherwise];

    protected override object? Compute(Activation frame)
    {
        if (Collections.IsTrue(test.Evaluate(frame)))
            return then.Evaluate(frame);
        return otherwise is not null
            ? otherwise.Evaluate(frame)
            : new Undefined($"the inline if-expression on line {Line} evaluated to false and no else section was defined.");
    }
}
