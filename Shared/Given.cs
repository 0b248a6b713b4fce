using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RecursiveMas.Shared;

/// <summary>Checks of what callers give, as expressions: a wrong value is refused where it is given, not where it is missed.</summary>
internal static class Given
{
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public static T NotNull<T>([NotNull] T? value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value;
    }

    /// <exception cref="ArgumentNullException">The list is null, or holds null.</exception>
    public static IReadOnlyList<T> AllNotNull<T>([NotNull] IReadOnlyList<T>? values, string name)
        where T : class
    {
        foreach (T value in NotNull(values, name))
            NotNull(value, name);
        return values;
    }

    /// <exception cref="InvalidOptionException">The value is none of its enum's.</exception>
    public static T Defined<T>(T value, string option)
        where T : struct, Enum =>
        Enum.IsDefined(value)
            ? value
            : throw new InvalidOptionException(option, $"{value:D} is not a possible value. Possible: {string.Join(", ", Enum.GetNames<T>())}.");

    /// <exception cref="InvalidOptionException">The value is too small.</exception>
    public static int AtLeast(int least, int value, string option) =>
        value >= least ? value : throw new InvalidOptionException(
            option,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value} is not possible; at least {least} is needed."));
}
