using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Tree;

/// <summary>A part of a parsed template. The parser makes it, the binder gives names their places, then it never changes again.</summary>
internal abstract class Node(int line)
{
    public int Line { get; } = line;

    /// <summary>Direct parts, in the order in which scoping visits them.</summary>
    public virtual IEnumerable<Node> Children => [];
}

internal abstract class Expression(int line, int depth) : Node(line)
{
    /// <summary>Levels of nesting in and below this expression.</summary>
    public int Depth { get; } = depth;

    public object? Evaluate(Activation frame)
    {
        // The deepest path goes down one level at a time, so every sixteenth one is enough.
        if ((Depth & 15) == 15)
            StackGuard.Check();
        return Compute(frame);
    }

    protected abstract object? Compute(Activation frame);

    /// <summary>Marks the line of what runs next and counts a step.</summary>
    protected void Mark(Activation frame)
    {
        frame.State.Line = Line;
        RenderBudget.Step();
    }

    protected static int Below(params ReadOnlySpan<Expression?> parts)
    {
        int depth = 0;
        foreach (Expression? part in parts)
            depth = Math.Max(depth, part?.Depth ?? 0);
        return depth + 1;
    }

    protected static int Below(IEnumerable<Expression?> parts) => parts.Aggregate(0, (deepest, part) => Math.Max(deepest, part?.Depth ?? 0)) + 1;
}

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

internal abstract class Statement(int line) : Node(line)
{
    public abstract Flow Execute(Activation frame, TextBuffer output);

    public static Flow ExecuteAll(Statement[] body, Activation frame, TextBuffer output)
    {
        foreach (Statement statement in body)
        {
            frame.State.Line = statement.Line;
            RenderBudget.Step();
            Flow flow = statement.Execute(frame, output);
            if (flow != Flow.Next)
                return flow;
        }

        return Flow.Next;
    }
}
