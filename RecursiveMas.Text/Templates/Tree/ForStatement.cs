using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Tree;

internal sealed class ForStatement(Expression target, Expression source, Expression? test, bool recursive, Statement[] body, Statement[] otherwise, int line)
    : Statement(line)
{
    public Expression Target => target;

    public Expression Source => source;

    public Expression? Test => test;

    public bool Recursive => recursive;

    public Statement[] Body => body;

    public Statement[] Otherwise => otherwise;

    /// <summary>Set by the binder: the body sees "loop" there; null if it does not use it.</summary>
    public SlotRef? LoopPlace { get; set; }

    /// <summary>Set by the binder.</summary>
    public ScopeEntry BodyEntry { get; set; } = ScopeEntry.Empty;

    /// <summary>Set by the binder.</summary>
    public ScopeEntry OtherwiseEntry { get; set; } = ScopeEntry.Empty;

    /// <summary>Set by the binder: variables of the loop's own function, if it is recursive.</summary>
    public int Slots { get; set; }

    /// <summary>Set by the binder: the target as the loop's test sees it.</summary>
    public Expression? TestTarget { get; set; }

    /// <summary>Set by the binder: scope of the loop's test.</summary>
    public (int Slots, ScopeEntry Entry) TestScope { get; set; } = (0, ScopeEntry.Empty);

    public override IEnumerable<Node> Children =>
        [target, source, .. body, .. otherwise, .. new Node?[] { test }.OfType<Node>()];

    public override Flow Execute(Activation frame, TextBuffer output)
    {
        object? iterable = source.Evaluate(frame);
        if (!recursive)
            return Run(frame, frame, iterable, 0, output);
        output.AppendResult(Recurse(frame, iterable, 0));
        return Flow.Next;
    }

    /// <summary>A recursive loop is a function of its own that returns its text.</summary>
    private object Recurse(Activation outer, object? iterable, int depth)
    {
        outer.State.EnterCall();
        var frame = new Activation(Slots, outer, outer.State, outer.Context);
        var buffer = new TextBuffer();
        Run(frame, outer, iterable, depth, buffer);
        outer.State.LeaveCall();
        return outer.State.Captured(buffer.ToString());
    }

    /// <param name="frame">Where the loop's variables lie.</param>
    /// <param name="outer">Where the loop stands.</param>
    /// <param name="iterable">What it goes through.</param>
    /// <param name="depth">Nesting of a recursive loop.</param>
    /// <param name="output">Where its text goes.</param>
    private Flow Run(Activation frame, Activation outer, object? iterable, int depth, TextBuffer output)
    {
        IEnumerable<object?> items = Collections.Iterate(iterable);
        if (test is not null)
            items = Filtered(items, outer);
        bool completed;
        if (LoopPlace is { } place)
        {
            Func<object?, int, object?>? recurse = recursive ? (next, level) => Recurse(outer, next, level) : null;
            completed = RunWithLoop(frame, new LoopContext(test is null ? iterable : null, items, depth, recurse), place, output);
        }
        else
        {
            completed = RunPlain(frame, items, output);
        }

        BodyEntry.Leave(frame);
        // As in Jinja: "else" runs if no iteration came to its end, also after a break or continue.
        if (completed || otherwise.Length == 0)
            return Flow.Next;
        OtherwiseEntry.Enter(frame);
        Flow flow = ExecuteAll(otherwise, frame, output);
        OtherwiseEntry.Leave(frame);
        return flow;
    }

    private bool RunPlain(Activation frame, IEnumerable<object?> items, TextBuffer output)
    {
        bool completed = false;
        foreach (object? item in items)
        {
            RenderBudget.Step();
            Flow flow = RunBody(frame, item, output);
            completed |= flow == Flow.Next;
            if (flow == Flow.Break)
                break;
        }

        return completed;
    }

    private bool RunWithLoop(Activation frame, LoopContext loop, SlotRef place, TextBuffer output)
    {
        bool completed = false;
        while (loop.TryNext(out object? item))
        {
            RenderBudget.Step();
            frame[place] = loop;
            Flow flow = RunBody(frame, item, output);
            completed |= flow == Flow.Next;
            if (flow == Flow.Break)
                break;
        }

        return completed;
    }

    private Flow RunBody(Activation frame, object? item, TextBuffer output)
    {
        Targets.Assign(frame, target, item);
        BodyEntry.Enter(frame);
        return ExecuteAll(body, frame, output);
    }

    private IEnumerable<object?> Filtered(IEnumerable<object?> items, Activation outer)
    {
        var frame = new Activation(TestScope.Slots, outer, outer.State, outer.Context);
        TestScope.Entry.Enter(frame);
        foreach (object? item in items)
        {
            RenderBudget.Step();
            Targets.Assign(frame, TestTarget!, item);
            if (Collections.IsTrue(test!.Evaluate(frame)))
                yield return Targets.Read(frame, TestTarget!);
        }
    }
}
