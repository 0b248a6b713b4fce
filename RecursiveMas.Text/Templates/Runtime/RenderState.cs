using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Runtime;

/// <summary>Names that a template can see beside its scopes: what it assigned at its top level, then what it was given, then what every template has.</summary>
internal sealed class TemplateContext(IReadOnlyDictionary<string, object?> given, IReadOnlyDictionary<string, object?> globals)
{
    private readonly Dictionary<string, object?> _assigned = [];

    public void Assign(string name, object? value) => _assigned[name] = value;

    /// <summary>The value, or <see cref="Missing"/>.</summary>
    public object? Resolve(string name) =>
        _assigned.TryGetValue(name, out object? own) ? own
        : given.TryGetValue(name, out object? value) ? value
        : globals.TryGetValue(name, out value) ? value
        : Missing.Value;

    /// <summary>A context that also knows the names of a scope.</summary>
    public TemplateContext Derive(IEnumerable<KeyValuePair<string, object?>> locals)
    {
        RenderBudget.Items(4L * (given.Count + _assigned.Count));
        var all = new Dictionary<string, object?>(given);
        foreach ((string name, object? value) in _assigned.Concat(locals))
            all[name] = value;
        return new TemplateContext(all, globals);
    }
}

/// <summary>What one rendering knows besides its values.</summary>
internal sealed class RenderState(IReadOnlyDictionary<string, IBlock> blocks, TimeProvider clock)
{
    private int _depth;
    private uint _random = 0x9E3779B9;

    public IReadOnlyDictionary<string, IBlock> Blocks { get; } = blocks;

    public TimeProvider Clock { get; } = clock;

    /// <summary>Line of the statement or operation that runs.</summary>
    public int Line { get; set; }

    public bool AutoEscape { get; set; }

    /// <summary>Enters a macro, block or recursive loop; leave by <see cref="LeaveCall"/>.</summary>
    public void EnterCall()
    {
        StackGuard.Check();
        if (++_depth > TemplateLimits.CallDepth)
            throw new TemplateFault("RecursionError", "maximum recursion depth exceeded");
    }

    public void LeaveCall() => _depth--;

    /// <summary>A number below the bound; the same sequence in every rendering, so that rendering stays repeatable.</summary>
    public int NextRandom(int bound)
    {
        _random = _random * 1664525 + 1013904223;
        return (int)((ulong)_random * (ulong)bound >> 32);
    }

    /// <summary>Text that a capture hands on: marked safe where escaping is on.</summary>
    public object Captured(string text) => AutoEscape ? new Markup(text) : text;
}

/// <summary>Local variables of one running function: the template itself, a block, a macro, a recursive loop, a loop's test.</summary>
internal sealed class Activation(int slots, Activation? parent, RenderState state, TemplateContext context)
{
    private readonly object?[] _slots = Fill(slots);

    public Activation? Parent { get; } = parent;

    public RenderState State { get; } = state;

    public TemplateContext Context { get; } = context;

    public object? this[SlotRef place]
    {
        get => Owner(place.Hops)._slots[place.Slot];
        set => Owner(place.Hops)._slots[place.Slot] = value;
    }

    private static object?[] Fill(int count)
    {
        RenderBudget.Items(count);
        object?[] slots = new object?[count];
        Array.Fill(slots, Missing.Value);
        return slots;
    }

    private Activation Owner(int hops)
    {
        Activation owner = this;
        for (; hops > 0; hops--)
            owner = owner.Parent!;
        return owner;
    }
}

/// <summary>A local variable: so many enclosing functions up, at this place.</summary>
internal readonly record struct SlotRef(int Hops, int Slot);
