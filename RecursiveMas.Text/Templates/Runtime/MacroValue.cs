using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Runtime;

/// <summary>What a macro does when it is called.</summary>
internal interface IMacroBody
{
    string[] ParameterNames { get; }

    /// <summary>The body uses "caller", as a special variable or as its own parameter.</summary>
    bool UsesCaller { get; }

    bool UsesKwargs { get; }

    bool UsesVarargs { get; }

    /// <param name="closure">The variables around the macro.</param>
    /// <param name="values">One value per parameter, <see cref="Missing"/> where none was given.</param>
    /// <param name="caller">The special variable "caller".</param>
    /// <param name="named">Named arguments that are no parameters.</param>
    /// <param name="rest">Positional arguments beyond the parameters.</param>
    /// <returns>The text of the body.</returns>
    string Run(Activation closure, object?[] values, object? caller, List<KeyValuePair<string, object?>> named, object?[] rest);
}

/// <summary>A macro, or the body of a call block, with the variables that surround it.</summary>
internal sealed class MacroValue(string? name, IMacroBody body, Activation closure) : Callable
{
    public string? Name { get; } = name;

    public IMacroBody Body { get; } = body;

    public override string TypeName => "jinja2.runtime.Macro";

    public override object? Call(RenderState state, CallArguments arguments)
    {
        string[] parameters = Body.ParameterNames;
        RenderBudget.Items(parameters.Length + arguments.Positional.Length);
        RenderBudget.Step(parameters.Length * (1L + arguments.Named.Length));
        object?[] values = new object?[parameters.Length];
        Array.Fill(values, Missing.Value);
        int positional = Math.Min(arguments.Positional.Length, parameters.Length);
        Array.Copy(arguments.Positional, values, positional);
        var named = new List<KeyValuePair<string, object?>>(arguments.Named);
        for (int i = positional; i < parameters.Length; i++)
            values[i] = Take(named, parameters[i]);

        object? caller = Missing.Value;
        bool explicitCaller = Array.IndexOf(parameters, "caller") >= 0;
        if (Body.UsesCaller && !explicitCaller)
        {
            caller = Take(named, "caller");
            if (caller is null || ReferenceEquals(caller, Missing.Value))
                caller = new Undefined("No caller defined", Missing.Value, "caller");
        }

        if (!Body.UsesKwargs && named.Count > 0)
        {
            throw TemplateFault.TypeError(named.Exists(n => n.Key == "caller")
                ? $"macro '{Name}' was invoked with two values for the special caller argument. This is most likely a bug."
                : $"macro '{Name}' takes no keyword argument '{named[0].Key}'");
        }

        if (!Body.UsesVarargs && arguments.Positional.Length > parameters.Length)
            throw TemplateFault.TypeError($"macro '{Name}' takes not more than {parameters.Length} argument(s)");
        state.EnterCall();
        int line = state.Line;
        string text = Body.Run(closure, values, caller, named, arguments.Positional[positional..]);
        state.Line = line;
        state.LeaveCall();
        return state.Captured(text);
    }

    public override string ToString() => Name is null ? "<Macro anonymous>" : $"<Macro '{Name}'>";

    private static object? Take(List<KeyValuePair<string, object?>> named, string name)
    {
        int index = named.FindIndex(n => n.Key == name);
        if (index < 0)
            return Missing.Value;
        object? value = named[index].Value;
        named.RemoveAt(index);
        return value;
    }
}
