using System.Runtime.CompilerServices;

namespace RecursiveMas.Templates.Sandbox;

/// <summary>Ends a recursion with a typed error before the thread's stack does.</summary>
internal static class StackGuard
{
    private const string TooDeep = "maximum recursion depth exceeded: values, expressions or calls are nested too deeply.";

    [ThreadStatic]
    private static int _depth;

    public static void Check()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateFault("RecursionError", TooDeep);
    }

    /// <summary>Goes one level down into a value, until the result is disposed of. A large stack does not make the limit larger.</summary>
    public static Level Deeper()
    {
        Check();
        if (_depth >= TemplateLimits.ValueDepth)
            throw new TemplateFault("RecursionError", TooDeep);
        _depth++;
        return default;
    }

    /// <summary>A level of a value.</summary>
    internal readonly ref struct Level : IDisposable
    {
        public void Dispose() => _depth--;
    }
}
