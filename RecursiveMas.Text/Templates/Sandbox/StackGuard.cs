using System.Runtime.CompilerServices;

namespace RecursiveMas.Templates.Sandbox;

/// <summary>Ends a recursion with a typed error before the thread's stack does.</summary>
internal static class StackGuard
{
    public static void Check()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateFault("RecursionError", "maximum recursion depth exceeded: values, expressions or calls are nested too deeply.");
    }
}
