using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

internal enum EscapeMode
{
    Off,
    On,

    /// <summary>Known only when the template runs.</summary>
    Dynamic,
}

internal sealed class TextStatement(string text, int line) : Statement(line)
{
    public override Flow Execute(Activation frame, TextBuffer output)
    {
        output.Append(text);
        return Flow.Next;
    }
}

internal sealed class PrintStatement(Expression[] values, int line) : Statement(line)
{
    /// <summary>Set by the binder.</summary>
    public EscapeMode Escaping { get; set; }

    public override IEnumerable<Node> Children => values;

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        foreach (Expression expression in values)
        {
            object? value = expression.Evaluate(frame);
            bool escapes = Escaping == EscapeMode.On || Escaping == EscapeMode.Dynamic && frame.State.AutoEscape;
            string text = Printing.Text(value);
            output.Append(escapes && value is not Markup ? Markup.Escape(text) : text);
        }

        return Flow.Next;
    }
}

internal sealed class IfStatement((Expression Test, Statement[] Body, int Line)[] branches, Statement[] otherwise, int line) : Statement(line)
{
    public (Expression Test, Statement[] Body, int Line)[] Branches => branches;

    public Statement[] Otherwise => otherwise;

    public override IEnumerable<Node> Children
    {
        get
        {
            yield return branches[0].Test;
            foreach (Statement statement in branches[0].Body)
                yield return statement;
            foreach ((Expression test, Statement[] body, _) in branches[1..])
            {
                yield return test;
                foreach (Statement statement in body)
                    yield return statement;
            }

            foreach (Statement statement in otherwise)
                yield return statement;
        }
    }

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        foreach ((Expression test, Statement[] body, int at) in branches)
        {
            frame.State.Line = at;
            if (Collections.IsTrue(test.Evaluate(frame)))
                return ExecuteAll(body, frame, output);
        }

        return ExecuteAll(otherwise, frame, output);
    }
}

internal sealed class JumpStatement(Flow flow, int line) : Statement(line)
{
    public Flow Flow => flow;

    public override Flow Execute(Activation frame, TextBuffer output) => flow;
}

internal sealed class AssignStatement(Expression target, Expression value, int line) : Statement(line)
{
    private readonly NamespaceTarget[] _spaces = [.. Spaces(target)];

    public Expression Target => target;

    public Expression Value => value;

    /// <summary>Set by the binder: names that the context learns too.</summary>
    public NameExpression[] Exported { get; set; } = [];

    public override IEnumerable<Node> Children => [target, value];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        foreach (NamespaceTarget space in _spaces)
            space.Owner(frame);
        Targets.Assign(frame, target, value.Evaluate(frame));
        Export(frame, Exported);
        return Flow.Next;
    }

    public static void Export(Activation frame, NameExpression[] names)
    {
        foreach (NameExpression name in names)
            frame.Context.Assign(name.Name, frame[name.Place]);
    }

    private static IEnumerable<NamespaceTarget> Spaces(Expression target) => target switch
    {
        NamespaceTarget space => [space],
        TupleExpression tuple => tuple.Items.SelectMany(Spaces),
        _ => [],
    };
}

/// <summary>include, import and extends: parsed, but a chat template has no other template to load.</summary>
internal sealed class LoadTemplateStatement(Expression source, NameExpression[] names, int line) : Statement(line)
{
    public override IEnumerable<Node> Children => [source, .. names];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        source.Evaluate(frame);
        throw TemplateFault.TypeError("no loader for this environment specified");
    }
}
