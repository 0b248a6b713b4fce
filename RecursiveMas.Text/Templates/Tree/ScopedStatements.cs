using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

/// <summary>"{% set target %}...{% endset %}".</summary>
internal sealed class CaptureStatement(Expression target, FilterExpression? filter, Statement[] body, int line) : Statement(line)
{
    public Expression Target => target;

    public FilterExpression? Filter => filter;

    public Statement[] Body => body;

    /// <summary>Set by the binder.</summary>
    public ScopeEntry Entry { get; set; } = ScopeEntry.Empty;

    /// <summary>Set by the binder: names that the context learns too.</summary>
    public NameExpression[] Exported { get; set; } = [];

    public override IEnumerable<Node> Children => filter is null ? [target, .. body] : [target, filter, .. body];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        Entry.Enter(frame);
        var buffer = new TextBuffer();
        Flow flow = ExecuteAll(body, frame, buffer);
        if (flow != Flow.Next)
            return flow;
        object? value = buffer.ToString();
        if (filter is not null)
            value = filter.ApplyChain(frame, frame.State.Captured((string)value));
        if (frame.State.AutoEscape && value is not Markup)
            value = new Markup(Printing.Text(value));
        Targets.Assign(frame, target, value);
        AssignStatement.Export(frame, Exported);
        Entry.Leave(frame);
        return Flow.Next;
    }
}

/// <summary>"{% filter name %}...{% endfilter %}".</summary>
internal sealed class FilterStatement(FilterExpression filter, Statement[] body, int line) : Statement(line)
{
    public FilterExpression Filter => filter;

    public Statement[] Body => body;

    /// <summary>Set by the binder.</summary>
    public ScopeEntry Entry { get; set; } = ScopeEntry.Empty;

    public override IEnumerable<Node> Children => [.. body, filter];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        Entry.Enter(frame);
        var buffer = new TextBuffer();
        Flow flow = ExecuteAll(body, frame, buffer);
        if (flow != Flow.Next)
            return flow;
        output.AppendResult(filter.ApplyChain(frame, frame.State.Captured(buffer.ToString())));
        Entry.Leave(frame);
        return Flow.Next;
    }
}

/// <summary>"{% with name = value %}...{% endwith %}", and the scope of an autoescape block.</summary>
internal sealed class WithStatement(Expression[] targets, Expression[] values, Statement[] body, int line) : Statement(line)
{
    public Expression[] Targets => targets;

    public Expression[] Values => values;

    public Statement[] Body => body;

    /// <summary>Set by the binder.</summary>
    public ScopeEntry Entry { get; set; } = ScopeEntry.Empty;

    public override IEnumerable<Node> Children => [.. targets, .. values, .. body];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        Entry.Enter(frame);
        for (int i = 0; i < targets.Length; i++)
            Tree.Targets.Assign(frame, targets[i], values[i].Evaluate(frame));
        Flow flow = ExecuteAll(body, frame, output);
        Entry.Leave(frame);
        return flow;
    }
}

/// <summary>The inside of "{% autoescape value %}...{% endautoescape %}".</summary>
internal sealed class EscapeStatement(Expression option, Statement[] body, int line) : Statement(line)
{
    public Expression Option => option;

    public Statement[] Body => body;

    public override IEnumerable<Node> Children => [option, .. body];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        bool before = frame.State.AutoEscape;
        frame.State.AutoEscape = Collections.IsTrue(option.Evaluate(frame));
        Flow flow = ExecuteAll(body, frame, output);
        frame.State.AutoEscape = before;
        return flow;
    }
}

/// <summary>"{% block name %}...{% endblock %}": runs where it stands, with the names of the context only unless it is scoped.</summary>
internal sealed class BlockStatement(string name, bool scoped, bool required, Statement[] body, int line) : Statement(line), IBlock
{
    public string Name => name;

    public bool Scoped => scoped;

    public Statement[] Body => body;

    /// <summary>Set by the binder.</summary>
    public int Slots { get; set; }

    /// <summary>Set by the binder.</summary>
    public ScopeEntry Entry { get; set; } = ScopeEntry.Empty;

    /// <summary>Set by the binder: where the block's own "self" and "super" lie, if it uses them.</summary>
    public (SlotRef? Self, SlotRef? Super) Special { get; set; }

    /// <summary>Set by the binder: variables around a scoped block.</summary>
    public (string Name, SlotRef Place)[] Visible { get; set; } = [];

    public override IEnumerable<Node> Children => body;

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        if (required)
            throw TemplateFault.Runtime($"Required block '{name}' not found");
        TemplateContext context = !scoped
            ? frame.Context
            : frame.Context.Derive(Visible
                .Select(v => KeyValuePair.Create(v.Name, frame[v.Place]))
                .Where(v => !ReferenceEquals(v.Value, Missing.Value)));
        Run(frame.State, context, output);
        return Flow.Next;
    }

    public void Run(RenderState state, TemplateContext context, TextBuffer output)
    {
        state.EnterCall();
        var frame = new Activation(Slots, null, state, context);
        if (Special.Self is { } self)
            frame[self] = new BlocksValue(context);
        if (Special.Super is { } parent)
            frame[parent] = new Undefined($"there is no parent block called '{name}'.", Missing.Value, "super");
        Entry.Enter(frame);
        ExecuteAll(body, frame, output);
        state.LeaveCall();
    }
}
