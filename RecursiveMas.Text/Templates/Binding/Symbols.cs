using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Binding;

/// <summary>A function at run time: the template, a block, a macro, a recursive loop or a loop's test. Owns local variables.</summary>
internal sealed class FunctionScope(FunctionScope? parent)
{
    private readonly Dictionary<(int Level, string Name), Variable> _variables = [];

    public FunctionScope? Parent { get; } = parent;

    public int Slots => _variables.Count;

    /// <summary>The variable of a name at a scope's level. Scopes side by side share it.</summary>
    public Variable Variable(int level, string name)
    {
        if (!_variables.TryGetValue((level, name), out Variable? variable))
            _variables[(level, name)] = variable = new Variable(this, _variables.Count);
        return variable;
    }
}

internal sealed record Variable(FunctionScope Owner, int Slot)
{
    public bool Equals(Variable? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

internal enum LoadKind
{
    /// <summary>Filled by the caller or by the loop.</summary>
    Parameter,

    /// <summary>Looked up in the context.</summary>
    Resolve,

    /// <summary>Starts with the value of an outer variable.</summary>
    Alias,

    /// <summary>Starts empty.</summary>
    Empty,
}

internal readonly record struct Load(LoadKind Kind, string? Name = null, Variable? Outer = null);

/// <summary>The names of one scope: which variable each one means and how it is filled on entry. Follows Jinja's static scoping rules.</summary>
internal sealed class Symbols
{
    private readonly FunctionScope _function;
    private readonly Symbols? _parent;
    private readonly int _level;
    private readonly Dictionary<string, Variable> _references;
    private readonly HashSet<string> _stores;

    public Symbols(FunctionScope function, Symbols? parent)
    {
        _function = function;
        _parent = parent;
        _level = parent is null ? 0 : parent._level + 1;
        _references = [];
        _stores = [];
        Loads = [];
    }

    private Symbols(Symbols other)
    {
        _function = other._function;
        _parent = other._parent;
        _level = other._level;
        _references = new Dictionary<string, Variable>(other._references);
        _stores = [.. other._stores];
        Loads = new Dictionary<Variable, Load>(other.Loads);
    }

    public Dictionary<Variable, Load> Loads { get; }

    public Symbols Copy()
    {
        RenderBudget.Step(_references.Count + _stores.Count + Loads.Count);
        return new Symbols(this);
    }

    public Variable? Find(string name) => _references.TryGetValue(name, out Variable? variable) ? variable : _parent?.Find(name);

    public Variable DeclareParameter(string name)
    {
        _stores.Add(name);
        return Define(name, new Load(LoadKind.Parameter));
    }

    public void Store(string name)
    {
        _stores.Add(name);
        if (_references.ContainsKey(name))
            return;
        Variable? outer = _parent?.Find(name);
        Define(name, outer is null ? new Load(LoadKind.Empty) : new Load(LoadKind.Alias, Outer: outer));
    }

    public void Use(string name)
    {
        if (Find(name) is null)
            Define(name, new Load(LoadKind.Resolve, name));
    }

    /// <summary>Takes over what the branches of an "if" did. A name stored in only some of them starts with its outer value.</summary>
    public void Merge(Symbols[] branches)
    {
        HashSet<string> stored = [.. branches.SelectMany(b => b._stores)];
        stored.ExceptWith(_stores);
        foreach (Symbols branch in branches)
        {
            RenderBudget.Step(branch._references.Count + branch.Loads.Count);
            foreach ((string name, Variable variable) in branch._references)
                _references[name] = variable;
            foreach ((Variable variable, Load load) in branch.Loads)
                Loads[variable] = load;
            _stores.UnionWith(branch._stores);
        }

        foreach (string name in stored)
        {
            Variable target = Find(name)!;
            Variable? outer = _parent?.Find(name);
            Loads[target] = outer is null ? new Load(LoadKind.Resolve, name) : new Load(LoadKind.Alias, Outer: outer);
        }
    }

    /// <summary>Every name stored in this scope or around it, innermost first.</summary>
    public Dictionary<string, Variable> AllStores()
    {
        var all = new Dictionary<string, Variable>();
        for (Symbols? scope = this; scope is not null; scope = scope._parent)
        {
            foreach (string name in scope._stores)
                all.TryAdd(name, Find(name)!);
        }

        return all;
    }

    private Variable Define(string name, Load load)
    {
        Variable variable = _function.Variable(_level, name);
        _references[name] = variable;
        Loads[variable] = load;
        return variable;
    }
}
