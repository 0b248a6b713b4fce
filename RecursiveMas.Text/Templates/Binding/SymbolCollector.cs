using RecursiveMas.Templates.Tree;

namespace RecursiveMas.Templates.Binding;

/// <summary>Collects the names that a scope uses and stores, without going into scopes inside it.</summary>
internal static class SymbolCollector
{
    public static void Collect(Symbols symbols, IEnumerable<Node> nodes)
    {
        foreach (Node node in nodes)
            Visit(symbols, node);
    }

    /// <summary>Collects the targets of a loop, which are its parameters.</summary>
    public static void CollectParameters(Symbols symbols, Expression target)
    {
        foreach (NameExpression name in Targets.Names(target))
            symbols.DeclareParameter(name.Name);
    }

    private static void Visit(Symbols symbols, Node node)
    {
        switch (node)
        {
            case NameExpression { Use: NameUse.Load } name:
                symbols.Use(name.Name);
                break;
            case NameExpression { Use: NameUse.Store } name:
                symbols.Store(name.Name);
                break;
            case NameExpression name:
                symbols.DeclareParameter(name.Name);
                break;
            case NamespaceTarget space:
                symbols.Use(space.Name);
                break;
            case IfStatement branch:
                VisitIf(symbols, branch);
                break;
            case MacroStatement macro:
                symbols.Store(macro.Name.Name);
                break;
            case AssignStatement assign:
                Visit(symbols, assign.Value);
                Visit(symbols, assign.Target);
                break;
            case ForStatement loop:
                Visit(symbols, loop.Source);
                break;
            case CallStatement call:
                if (call.Target is not null)
                    Visit(symbols, call.Target);
                break;
            case FilterStatement filter:
                Visit(symbols, filter.Filter);
                break;
            case WithStatement with:
                foreach (Expression value in with.Values)
                    Visit(symbols, value);
                break;
            case CaptureStatement capture:
                Visit(symbols, capture.Target);
                break;
            case BlockStatement:
                break;
            default:
                foreach (Node child in node.Children)
                    Visit(symbols, child);
                break;
        }
    }

    private static void VisitIf(Symbols symbols, IfStatement branch)
    {
        Collect(symbols, [branch.Branches[0].Test]);
        Symbols first = symbols.Copy();
        Collect(first, branch.Branches[0].Body);
        Symbols others = symbols.Copy();
        for (int i = 1; i < branch.Branches.Length; i++)
            VisitElseIf(others, branch.Branches[i]);
        Symbols otherwise = symbols.Copy();
        Collect(otherwise, branch.Otherwise);
        symbols.Merge([first, others, otherwise]);
    }

    // Jinja keeps each elif as an if of its own with nothing else in it.
    private static void VisitElseIf(Symbols symbols, (Expression Test, Statement[] Body, int Line) branch)
    {
        Collect(symbols, [branch.Test]);
        Symbols body = symbols.Copy();
        Collect(body, branch.Body);
        symbols.Merge([body, symbols.Copy(), symbols.Copy()]);
    }
}
