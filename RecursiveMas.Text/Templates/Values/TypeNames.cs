using System.Numerics;

namespace RecursiveMas.Templates.Values;

/// <summary>Names of types as Python's messages write them.</summary>
internal static class TypeNames
{
    public static string Of(object? value) => value switch
    {
        null => "NoneType",
        string => "str",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        IPyObject named => named.TypeName,
        _ => value.GetType().Name,
    };

    /// <summary>The owner of a missing attribute, as Jinja's message describes it.</summary>
    public static string Describe(object? value) => value is null ? "None" : $"{Of(value)} object";
}
