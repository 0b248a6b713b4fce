using System.Reflection;

namespace RecursiveMas.Testing;

/// <summary>Makes stand-ins for implementations of interfaces.</summary>
public static class Intercepted
{
    /// <summary>A stand-in.</summary>
    /// <typeparam name="T">The interface.</typeparam>
    /// <param name="target">Does the work.</param>
    /// <param name="around">Given the name of the method and what calls it; returns the result.</param>
    public static T Around<T>(T target, Func<string, Func<object?>, object?> around)
        where T : class
    {
        T stand = DispatchProxy.Create<T, Intercepted<T>>();
        ((Intercepted<T>)(object)stand).Install(target, around);
        return stand;
    }
}

/// <summary>Stands in front of an implementation of an interface and sees every call by its name, whatever its parameters are.</summary>
/// <typeparam name="T">The interface.</typeparam>
public class Intercepted<T> : DispatchProxy
    where T : class
{
    private T? _target;
    private Func<string, Func<object?>, object?>? _around;

    internal void Install(T target, Func<string, Func<object?>, object?> around) => (_target, _around) = (target, around);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _around!(targetMethod!.Name, () => targetMethod.Invoke(_target, BindingFlags.DoNotWrapExceptions, null, args, null));
}
