using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

/// <summary>What the variables of a scope hold when it is entered, and how it is left. Set by the binder.</summary>
internal sealed class ScopeEntry
{
    public static readonly ScopeEntry Empty = new([], [], []);

    private readonly (SlotRef Place, string? Name, SlotRef Outer)[] _loads;
    private readonly SlotRef[] _empty;
    private readonly SlotRef[] _all;

    /// <param name="loads">Variables taken from the context by name, or from an outer variable where the name is null.</param>
    /// <param name="empty">Variables that start empty.</param>
    /// <param name="all">Every variable of the scope.</param>
    public ScopeEntry((SlotRef Place, string? Name, SlotRef Outer)[] loads, SlotRef[] empty, SlotRef[] all)
    {
        _loads = loads;
        _empty = empty;
        _all = all;
    }

    public void Enter(Activation frame)
    {
        foreach ((SlotRef place, string? name, SlotRef outer) in _loads)
            frame[place] = name is not null ? frame.Context.Resolve(name) : frame[outer];
        foreach (SlotRef place in _empty)
            frame[place] = Missing.Value;
    }

    public void Leave(Activation frame)
    {
        foreach (SlotRef place in _all)
            frame[place] = Missing.Value;
    }
}
