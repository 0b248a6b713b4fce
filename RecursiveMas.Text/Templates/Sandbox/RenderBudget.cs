namespace RecursiveMas.Templates.Sandbox;

/// <summary>Counts the work of the rendering that runs on this thread and ends it at a limit.</summary>
/// <remarks>
/// A rendering runs on one thread from start to end, so the current budget is that thread's: comparers, printers and
/// iterators reach it without every call passing it on. Outside a rendering nothing is counted.
/// </remarks>
internal sealed class RenderBudget
{
    [ThreadStatic]
    private static RenderBudget? _current;

    private long _steps;
    private long _bytes;

    private RenderBudget(long steps, long bytes)
    {
        _steps = steps;
        _bytes = bytes;
    }

    public static RenderBudget ForParsing() => new(TemplateLimits.ParseSteps, long.MaxValue);

    public static RenderBudget ForRendering(long inputCharacters) => new(
        TemplateLimits.Steps + inputCharacters * TemplateLimits.StepsPerInputCharacter,
        TemplateLimits.Bytes + inputCharacters * TemplateLimits.BytesPerInputCharacter);

    /// <summary>Runs work within this budget.</summary>
    public T Run<T>(Func<T> work)
    {
        RenderBudget? before = _current;
        _current = this;
        try
        {
            return work();
        }
        finally
        {
            _current = before;
        }
    }

    /// <summary>Counts work that is about <paramref name="count"/> simple operations long.</summary>
    public static void Step(long count = 1)
    {
        RenderBudget? budget = _current;
        if (budget is not null && (budget._steps -= count) < 0)
            throw TemplateFault.Limit("the template takes too many steps.");
    }

    /// <summary>Counts a text that is about to be made.</summary>
    public static void Text(long characters)
    {
        Allocate(2 * characters + 32);
        Step(characters >> 6);
    }

    /// <summary>Counts a list, tuple or dictionary that is about to be made.</summary>
    public static void Items(long count)
    {
        Allocate(16 * count + 64);
        Step(count >> 2);
    }

    private static void Allocate(long bytes)
    {
        RenderBudget? budget = _current;
        if (budget is not null && (budget._bytes -= bytes) < 0)
            throw TemplateFault.Limit("the template makes too much text or too many values.");
    }
}
