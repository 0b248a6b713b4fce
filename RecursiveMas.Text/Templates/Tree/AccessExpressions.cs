using RecursiveMas.Templates.Library;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

/// <summary>"value.name": an attribute first, an element second.</summary>
internal sealed class AttributeExpression(Expression owner, string name, int line) : Expression(line, Below(owner))
{
    public override IEnumerable<Node> Children => [owner];

    protected override object? Compute(Activation frame)
    {
        object? value = owner.Evaluate(frame);
        Mark(frame);
        return Attributes.GetAttribute(frame.State, value, name);
    }
}

/// <summary>"value[key]": an element first, an attribute second.</summary>
internal sealed class ItemExpression(Expression owner, Expression key, int line) : Expression(line, Below(owner, key))
{
    public override IEnumerable<Node> Children => [owner, key];

    protected override object? Compute(Activation frame)
    {
        object? value = owner.Evaluate(frame);
        object? index = key.Evaluate(frame);
        Mark(frame);
        return Attributes.GetItem(frame.State, value, index);
    }
}

/// <summary>"value[start:stop:step]".</summary>
internal sealed class SliceExpression(Expression owner, Expression? start, Expression? stop, Expression? step, int line)
    : Expression(line, Below(owner, start, stop, step))
{
    public override IEnumerable<Node> Children => new Node?[] { owner, start, stop, step }.OfType<Node>();

    protected override object? Compute(Activation frame)
    {
        object? value = owner.Evaluate(frame);
        object? low = start?.Evaluate(frame);
        object? high = stop?.Evaluate(frame);
        object? width = step?.Evaluate(frame);
        Mark(frame);
        switch (value)
        {
            case string text:
                return Texts.Slice(text, SliceBounds.From(low, high, width));
            case Markup markup:
                return new Markup(Texts.Slice(markup.Text, SliceBounds.From(low, high, width)));
            case PySequence sequence:
                return Slice(sequence, SliceBounds.From(low, high, width));
            case PyRange range:
                (int first, int count, long by) = SliceBounds.From(low, high, width).Span((int)range.Count);
                long from = range.Start + first * range.Step;
                return new PyRange(from, from + count * by * range.Step, by * range.Step);
            case PyBytes bytes:
                return new PyBytes([.. SliceBounds.From(low, high, width).Resolve(bytes.Data.Length).Select(i => bytes.Data[i])]);
            case PyDict:
                throw TemplateFault.TypeError("unhashable type: 'slice'");
            default:
                throw Undefined.FaultOr(value, () => TemplateFault.TypeError($"'{TypeNames.Of(value)}' object is not subscriptable"));
        }
    }

    private static PySequence Slice(PySequence sequence, SliceBounds bounds)
    {
        (int first, int count, long by) = bounds.Span(sequence.Items.Length);
        RenderBudget.Items(count);
        object?[] items = new object?[count];
        for (int i = 0; i < count; i++)
            items[i] = sequence.Items[first + i * by];
        return sequence.With(items);
    }
}

/// <summary>Arguments of a call, filter or test as written.</summary>
internal sealed record ArgumentList(Expression[] Positional, (string Name, Expression Value)[] Named, Expression? Spread, Expression? NamedSpread)
{
    public static readonly ArgumentList None = new([], [], null, null);

    public IEnumerable<Expression> All
    {
        get
        {
            IEnumerable<Expression> all = Positional.Concat(Named.Select(n => n.Value));
            return all.Concat(new[] { Spread, NamedSpread }.OfType<Expression>());
        }
    }

    public CallArguments Evaluate(Activation frame)
    {
        if (Positional.Length == 0 && Named.Length == 0 && Spread is null && NamedSpread is null)
            return CallArguments.None;
        RenderBudget.Items(Positional.Length + Named.Length);
        object?[] positional = Array.ConvertAll(Positional, p => p.Evaluate(frame));
        KeyValuePair<string, object?>[] named = Array.ConvertAll(Named, n => KeyValuePair.Create(n.Name, n.Value.Evaluate(frame)));
        if (Spread is not null)
            positional = [.. positional, .. Collections.ToArray(Spread.Evaluate(frame))];
        if (NamedSpread is not null)
            named = [.. named, .. SpreadNames(NamedSpread.Evaluate(frame), named)];
        return new CallArguments(positional, named);
    }

    private static List<KeyValuePair<string, object?>> SpreadNames(object? value, KeyValuePair<string, object?>[] given)
    {
        if (value is not PyDict dict)
            throw Undefined.FaultOr(value, () => TemplateFault.TypeError($"argument after ** must be a mapping, not {TypeNames.Of(value)}"));
        var names = new List<KeyValuePair<string, object?>>();
        foreach ((object? key, object? item) in dict.Entries)
        {
            RenderBudget.Step(given.Length + 1);
            RenderBudget.Items(4);
            if (!Texts.TryGet(key, out string name))
                throw TemplateFault.TypeError("keywords must be strings");
            if (Array.Exists(given, g => g.Key == name))
                throw TemplateFault.TypeError($"got multiple values for keyword argument '{name}'");
            names.Add(new(name, item));
        }

        return names;
    }
}

internal sealed class CallExpression(Expression callee, ArgumentList arguments, int line)
    : Expression(line, Below([callee, .. arguments.All]))
{
    public override IEnumerable<Node> Children => [callee, .. arguments.All];

    protected override object? Compute(Activation frame) => Call(frame, null);

    /// <param name="frame">Where the call stands.</param>
    /// <param name="caller">Body of a call block, handed on as the argument "caller".</param>
    public object? Call(Activation frame, MacroValue? caller)
    {
        object? function = callee.Evaluate(frame);
        CallArguments given = arguments.Evaluate(frame);
        if (caller is not null)
            given = given with { Named = [.. given.Named, new("caller", caller)] };
        Mark(frame);
        return Invoke(frame.State, function, given);
    }

    public static object? Invoke(RenderState state, object? function, CallArguments given) => function is Callable callable
        ? callable.Call(state, given)
        : throw Undefined.FaultOr(function, () => TemplateFault.TypeError($"'{TypeNames.Of(function)}' object is not callable"));
}

/// <summary>"value | name(arguments)"; without a value, the text of the block that it closes.</summary>
internal sealed class FilterExpression(Expression? value, string name, ArgumentList arguments, int line)
    : Expression(line, Below([value, .. arguments.All]))
{
    private readonly NativeFunction? _filter = Filters.Table.GetValueOrDefault(name);

    public string Name => name;

    public bool IsKnown => _filter is not null;

    public override IEnumerable<Node> Children => [.. new Node?[] { value }.OfType<Node>(), .. arguments.All];

    protected override object? Compute(Activation frame) => Apply(frame, value!.Evaluate(frame));

    /// <summary>What Jinja puts in the place of an unknown filter or test takes no named arguments.</summary>
    public static TemplateFault Unknown(string kind, string name, CallArguments given) => given.Named.Length > 0
        ? TemplateFault.TypeError($"the {kind} '{name}' does not exist and takes no keyword argument '{given.Named[0].Key}'")
        : TemplateFault.Runtime($"No {kind} named '{name}' found.");

    /// <summary>Applies a chain of filters whose innermost has no value of its own.</summary>
    public object? ApplyChain(Activation frame, object? text) => Apply(frame, value is FilterExpression inner ? inner.ApplyChain(frame, text) : text);

    private object? Apply(Activation frame, object? input)
    {
        CallArguments given = arguments.Evaluate(frame);
        Mark(frame);
        return (_filter ?? throw Unknown("filter", name, given)).Invoke(frame.State, input, given);
    }
}

/// <summary>"value is name(arguments)".</summary>
internal sealed class TestExpression(Expression value, string name, ArgumentList arguments, int line)
    : Expression(line, Below([value, .. arguments.All]))
{
    private readonly NativeFunction? _test = Tests.Table.GetValueOrDefault(name);

    public string Name => name;

    public bool IsKnown => _test is not null;

    public override IEnumerable<Node> Children => [value, .. arguments.All];

    protected override object? Compute(Activation frame)
    {
        object? input = value.Evaluate(frame);
        CallArguments given = arguments.Evaluate(frame);
        Mark(frame);
        return (_test ?? throw FilterExpression.Unknown("test", name, given)).Invoke(frame.State, input, given);
    }
}
