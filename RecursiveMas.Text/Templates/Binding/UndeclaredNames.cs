using RecursiveMas.Templates.Tree;

namespace RecursiveMas.Templates.Binding;

/// <summary>Which special names a body reads before it declares them itself. Goes into inner scopes, but not into blocks.</summary>
internal static class UndeclaredNames
{
    public static HashSet<string> Find(IEnumerable<Node> body, params ReadOnlySpan<string> names)
    {
        HashSet<string> wanted = [.. names];
        HashSet<string> found = [];
        foreach (Node node in body)
            Visit(node, wanted, found);
        return found;
    }

    private static void Visit(Node node, HashSet<string> wanted, HashSet<string> found)
    {
        if (wanted.Count == 0 || node is BlockStatement)
            return;
        if (node is NameExpression name)
        {
            if (name.Use == NameUse.Load && wanted.Contains(name.Name))
                found.Add(name.Name);
            else if (name.Use != NameUse.Load)
                wanted.Remove(name.Name);
            return;
        }

        foreach (Node child in node.Children)
            Visit(child, wanted, found);
    }
}
