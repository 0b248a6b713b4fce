using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Tree;

namespace RecursiveMas.Templates.Binding;

/// <summary>A scope while it is bound.</summary>
internal sealed record Scope(FunctionScope Function, Symbols Symbols)
{
    /// <summary>The template's own level, inside "if" too: assignments reach the context.</summary>
    public bool TopLevel { get; init; }

    /// <summary>Inside "if" or a conditional expression: an unknown filter fails only when it runs.</summary>
    public bool Soft { get; init; }

    public bool InLoop { get; init; }

    public EscapeMode Escaping { get; init; }

    /// <summary>A scope inside this one; in a new function if one is given.</summary>
    public Scope Inner(FunctionScope? function = null) => new(function ?? Function, new Symbols(function ?? Function, Symbols))
    {
        InLoop = InLoop && function is null,
        Escaping = Escaping,
    };

    public SlotRef Locate(Variable variable)
    {
        int hops = 0;
        for (FunctionScope function = Function; function != variable.Owner; function = function.Parent!)
            hops++;
        return new SlotRef(hops, variable.Slot);
    }

    public ScopeEntry Entry()
    {
        var loads = new List<(SlotRef, string?, SlotRef)>();
        foreach ((Variable variable, Load load) in Symbols.Loads)
        {
            if (load.Kind == LoadKind.Resolve)
                loads.Add((Locate(variable), load.Name, default));
            else if (load.Kind == LoadKind.Alias)
                loads.Add((Locate(variable), null, Locate(load.Outer!)));
        }

        // A loop enters its scope anew for every item: what starts empty is emptied, what the loop fills is not.
        SlotRef[] empty = [.. Symbols.Loads.Where(l => l.Value.Kind == LoadKind.Empty).Select(l => Locate(l.Key))];
        return new ScopeEntry([.. loads], empty, [.. Symbols.Loads.Keys.Select(Locate)]);
    }
}

/// <summary>Gives every name of a parsed template its place and checks what can be checked before it runs.</summary>
internal sealed class Binder
{
    private readonly Dictionary<string, BlockStatement> _blocks = [];

    private Binder()
    {
    }

    public static BoundTemplate Bind(Statement[] body)
    {
        StackGuard.Check();
        var binder = new Binder();
        binder.FindBlocks(body);
        var function = new FunctionScope(null);
        var scope = new Scope(function, new Symbols(function, null)) { TopLevel = true };
        Variable? self = UndeclaredNames.Find(body, "self").Count > 0 ? scope.Symbols.DeclareParameter("self") : null;
        SymbolCollector.Collect(scope.Symbols, body);
        binder.BindAll(body, scope);
        foreach (BlockStatement block in binder._blocks.Values)
            binder.BindBlock(block);
        return new BoundTemplate(body, function.Slots, scope.Entry(), self is null ? null : scope.Locate(self),
            binder._blocks.ToDictionary(block => block.Key, IBlock (block) => block.Value));
    }

    private void FindBlocks(IEnumerable<Node> nodes)
    {
        foreach (Node node in nodes)
        {
            if (node is BlockStatement block && !_blocks.TryAdd(block.Name, block))
                throw new TemplateFault("TemplateAssertionError", $"block '{block.Name}' defined twice", block.Line);
            FindBlocks(node.Children);
        }
    }

    private void BindBlock(BlockStatement block)
    {
        var function = new FunctionScope(null);
        var scope = new Scope(function, new Symbols(function, null));
        HashSet<string> special = UndeclaredNames.Find(block.Body, "self", "super");
        SlotRef? Declare(string name) => special.Contains(name) ? scope.Locate(scope.Symbols.DeclareParameter(name)) : null;
        block.Special = (Declare("self"), Declare("super"));
        SymbolCollector.Collect(scope.Symbols, block.Body);
        BindAll(block.Body, scope);
        block.Entry = scope.Entry();
        block.Slots = function.Slots;
    }

    private void BindAll(IEnumerable<Node> nodes, Scope scope)
    {
        foreach (Node node in nodes)
            Bind(node, scope);
    }

    private void Bind(Node node, Scope scope)
    {
        switch (node)
        {
            case NameExpression name:
                name.Place = scope.Locate(scope.Symbols.Find(name.Name)!);
                break;
            case NamespaceTarget space:
                space.Place = scope.Locate(scope.Symbols.Find(space.Name)!);
                break;
            case FilterExpression { IsKnown: false } filter when !scope.Soft:
                throw new TemplateFault("TemplateAssertionError", $"No filter named '{filter.Name}'.", filter.Line);
            case TestExpression { IsKnown: false } test when !scope.Soft:
                throw new TemplateFault("TemplateAssertionError", $"No test named '{test.Name}'.", test.Line);
            case ConditionalExpression:
                BindAll(node.Children, scope with { Soft = true });
                break;
            case ConcatExpression concat:
                concat.Escapes = scope.Escaping == EscapeMode.On;
                BindAll(node.Children, scope);
                break;
            case PrintStatement print:
                print.Escaping = scope.Escaping;
                BindAll(node.Children, scope);
                break;
            case IfStatement:
                BindAll(node.Children, scope with { Soft = true });
                break;
            case JumpStatement jump when !scope.InLoop:
                throw new TemplateFault("SyntaxError", jump.Flow == Flow.Break ? "'break' outside loop" : "'continue' not properly in loop", jump.Line);
            case AssignStatement assign:
                BindAll(node.Children, scope);
                assign.Exported = Exports(assign.Target, scope);
                break;
            case ForStatement loop:
                BindFor(loop, scope);
                break;
            case MacroStatement macro:
                BindMacro(macro.Body, scope, macro.Line);
                Bind(macro.Name, scope);
                macro.Exported = scope.TopLevel;
                break;
            case CallStatement call:
                BindMacro(call.Body, scope, call.Line);
                if (call.Target is not null)
                    Bind(call.Target, scope);
                break;
            case CaptureStatement capture:
                BindCapture(capture, scope);
                break;
            case FilterStatement filter:
                Scope filtered = scope.Inner();
                SymbolCollector.Collect(filtered.Symbols, filter.Children);
                BindAll(filter.Children, filtered);
                filter.Entry = filtered.Entry();
                break;
            case WithStatement with:
                Scope inside = scope.Inner();
                SymbolCollector.Collect(inside.Symbols, [.. with.Targets, .. with.Body]);
                BindAll(with.Values, scope);
                BindAll(with.Targets, inside);
                BindAll(with.Body, inside);
                with.Entry = inside.Entry();
                break;
            case EscapeStatement escape:
                Bind(escape.Option, scope);
                BindAll(escape.Body, scope with { Escaping = ModeOf(escape.Option) });
                break;
            case BlockStatement block:
                if (block.Scoped)
                    block.Visible = [.. scope.Symbols.AllStores().Select(s => (s.Key, scope.Locate(s.Value)))];
                break;
            default:
                BindAll(node.Children, scope);
                break;
        }
    }

    private static EscapeMode ModeOf(Expression option) => option is ConstantExpression constant
        ? Values.Collections.IsTrue(constant.Value) ? EscapeMode.On : EscapeMode.Off
        : EscapeMode.Dynamic;

    private static NameExpression[] Exports(Expression target, Scope scope) => scope.TopLevel ? [.. Targets.Names(target)] : [];

    private void BindCapture(CaptureStatement capture, Scope scope)
    {
        Scope inside = scope.Inner();
        IEnumerable<Node> filter = capture.Filter is null ? [] : [capture.Filter];
        SymbolCollector.Collect(inside.Symbols, [.. capture.Body, .. filter]);
        BindAll([.. capture.Body, .. filter], inside);
        Bind(capture.Target, scope);
        capture.Entry = inside.Entry();
        capture.Exported = Exports(capture.Target, scope);
    }

    private void BindMacro(MacroBody body, Scope scope, int line)
    {
        var function = new FunctionScope(scope.Function);
        Scope inside = scope.Inner(function);
        SymbolCollector.Collect(inside.Symbols, body.Children);
        HashSet<string> special = UndeclaredNames.Find(body.Statements, "caller", "kwargs", "varargs");
        int explicitCaller = Array.IndexOf(body.ParameterNames, "caller");
        if (special.Contains("caller") && explicitCaller >= 0 && explicitCaller < body.Parameters.Length - body.Defaults.Length)
            throw new TemplateFault(
                "TemplateAssertionError",
                "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.",
                line);
        body.UsesCaller = special.Contains("caller");
        SlotRef? Declare(string name) => special.Contains(name) && Array.IndexOf(body.ParameterNames, name) < 0
            ? inside.Locate(inside.Symbols.DeclareParameter(name))
            : null;
        body.Special = (Declare("caller"), Declare("kwargs"), Declare("varargs"));
        SymbolCollector.Collect(inside.Symbols, body.Children);
        BindAll(body.Children, inside);
        body.Entry = inside.Entry();
        body.Slots = function.Slots;
    }

    private void BindFor(ForStatement loop, Scope scope)
    {
        if (StoresLoop(loop))
            throw new TemplateFault("TemplateAssertionError", "Can't assign to special loop variable in for-loop target", loop.Line);
        Bind(loop.Source, scope);
        FunctionScope? function = loop.Recursive ? new FunctionScope(scope.Function) : null;
        Scope body = scope.Inner(function) with { InLoop = true };
        if (loop.Recursive || UndeclaredNames.Find(loop.Body, "loop").Count > 0 || HasScopedBlock(loop))
            loop.LoopPlace = body.Locate(body.Symbols.DeclareParameter("loop"));
        SymbolCollector.CollectParameters(body.Symbols, loop.Target);
        SymbolCollector.Collect(body.Symbols, loop.Body);
        Bind(loop.Target, body);
        BindAll(loop.Body, body);
        loop.BodyEntry = body.Entry();

        Scope otherwise = scope.Inner(function);
        SymbolCollector.Collect(otherwise.Symbols, loop.Otherwise);
        BindAll(loop.Otherwise, otherwise);
        loop.OtherwiseEntry = otherwise.Entry();
        loop.Slots = function?.Slots ?? 0;
        if (loop.Test is not null)
            BindTest(loop, scope);
    }

    private void BindTest(ForStatement loop, Scope scope)
    {
        var function = new FunctionScope(scope.Function);
        Scope inside = scope.Inner(function);
        loop.TestTarget = Targets.Copy(loop.Target);
        SymbolCollector.CollectParameters(inside.Symbols, loop.TestTarget);
        SymbolCollector.Collect(inside.Symbols, [loop.Test!]);
        Bind(loop.TestTarget, inside);
        Bind(loop.Test!, inside);
        loop.TestScope = (function.Slots, inside.Entry());
    }

    private static bool StoresLoop(Node node) =>
        node is NameExpression { Use: NameUse.Store, Name: "loop" } || node.Children.Any(StoresLoop);

    private static bool HasScopedBlock(Node node) => node is BlockStatement { Scoped: true } || node.Children.Any(HasScopedBlock);
}

/// <summary>A template that is ready to run.</summary>
internal sealed record BoundTemplate(Statement[] Body, int Slots, ScopeEntry Entry, SlotRef? Self, IReadOnlyDictionary<string, IBlock> Blocks)
{
    public string Run(RenderState state, TemplateContext context)
    {
        var frame = new Activation(Slots, null, state, context);
        if (Self is { } self)
            frame[self] = new BlocksValue(context);
        Entry.Enter(frame);
        var output = new TextBuffer();
        Statement.ExecuteAll(Body, frame, output);
        return output.ToString();
    }
}
