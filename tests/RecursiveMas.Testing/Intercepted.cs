using System.Reflection;

namespace RecursiveMas.Testing;

/// <summary>Stands in front of an implementation of an interface and sees every call by its name, whatever its parameters are.</summary>
/// <typeparam name="T">The interface.</typeparam>
public class Intercepted<T> : DispatchProxy
    where T : class
{
    private T? _target;
    private Func<string, Func<object?>, object?>? _around;

    /// <summary>A stand-in.</summary>
    /// <param name="target">Does the work.</param>
    /// <param name="around">Given the name of the method and what calls it; returns the result.</param>
    public static T Around(T target, Func<string, Func<object?>, object?> around)
    {
        T stand = Create<T, Intercepted<T>>();
        var intercepted = (Intercepted<T>)(object)stand;
        (intercepted._target, intercepted._around) = (target, around);
        return stand;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _around!(targetMethod!.Name, () => targetMethod.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null));
}
