using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

/// <summary>Parameters and body of a macro or call block.</summary>
internal sealed class MacroBody(NameExpression[] parameters, Expression[] defaults, Statement[] statements) : IMacroBody
{
    public NameExpression[] Parameters => parameters;

    /// <summary>Defaults of the last parameters.</summary>
    public Expression[] Defaults => defaults;

    public Statement[] Statements => statements;

    public string[] ParameterNames { get; } = Array.ConvertAll(parameters, p => p.Name);

    /// <summary>Set by the binder.</summary>
    public int Slots { get; set; }

    /// <summary>Set by the binder.</summary>
    public ScopeEntry Entry { get; set; } = ScopeEntry.Empty;

    /// <summary>Set by the binder: where the special variables lie that the body uses.</summary>
    public (SlotRef? Caller, SlotRef? Kwargs, SlotRef? Varargs) Special { get; set; }

    /// <summary>Set by the binder: the body uses "caller", as a special variable or as its own parameter.</summary>
    public bool UsesCaller { get; set; }

    public bool UsesKwargs => Special.Kwargs is not null;

    public bool UsesVarargs => Special.Varargs is not null;

    public IEnumerable<Node> Children => [.. parameters, .. defaults, .. statements];

    public string Run(Activation closure, object?[] values, object? caller, List<KeyValuePair<string, object?>> named, object?[] rest)
    {
        var frame = new Activation(Slots, closure, closure.State, closure.Context);
        for (int i = 0; i < parameters.Length; i++)
            frame[parameters[i].Place] = values[i];
        if (Special.Caller is { } callerPlace)
            frame[callerPlace] = caller;
        if (Special.Kwargs is { } kwargsPlace)
            frame[kwargsPlace] = ToDict(named);
        if (Special.Varargs is { } varargsPlace)
            frame[varargsPlace] = new PyTuple(rest);
        Entry.Enter(frame);
        for (int i = 0; i < parameters.Length; i++)
        {
            if (!ReferenceEquals(frame[parameters[i].Place], Missing.Value))
                continue;
            int fallback = i - (parameters.Length - defaults.Length);
            frame[parameters[i].Place] = fallback >= 0
                ? defaults[fallback].Evaluate(frame)
                : new Undefined($"parameter '{parameters[i].Name}' was not provided", Missing.Value, parameters[i].Name);
        }

        var buffer = new TextBuffer();
        Statement.ExecuteAll(statements, frame, buffer);
        return buffer.ToString();
    }

    private static PyDict ToDict(List<KeyValuePair<string, object?>> named)
    {
        RenderBudget.Items(4L * named.Count);
        var dict = new PyDict(named.Count);
        foreach ((string name, object? value) in named)
            dict.Set(name, value);
        return dict;
    }
}

internal sealed class MacroStatement(NameExpression name, MacroBody body, int line) : Statement(line)
{
    public NameExpression Name => name;

    public MacroBody Body => body;

    /// <summary>Set by the binder: the macro stands at the top level, so the context learns its name.</summary>
    public bool Exported { get; set; }

    public override IEnumerable<Node> Children => body.Children;

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        var macro = new MacroValue(name.Name, body, frame);
        frame[name.Place] = macro;
        if (Exported)
            frame.Context.Assign(name.Name, macro);
        return Flow.Next;
    }
}

/// <summary>"{% call target(arguments) %}...{% endcall %}"; without a target, a generation block, which prints its body.</summary>
internal sealed class CallStatement(CallExpression? call, MacroBody body, int line) : Statement(line)
{
    public CallExpression? Target => call;

    public MacroBody Body => body;

    public override IEnumerable<Node> Children => call is null ? body.Children : [call, .. body.Children];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        var caller = new MacroValue(null, body, frame);
        output.AppendResult(call is null ? caller.Call(frame.State, CallArguments.None) : call.Call(frame, caller));
        return Flow.Next;
    }
}
