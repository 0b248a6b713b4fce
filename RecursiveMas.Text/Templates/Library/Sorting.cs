using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Library;

/// <summary>Stable sorting by Python's order, which may fail on any pair of values.</summary>
internal static class Sorting
{
    /// <param name="items">Items in their first order.</param>
    /// <param name="key">What to compare.</param>
    /// <param name="reverse">Largest first; equal items keep their order all the same.</param>
    /// <param name="less">The order; Python's if null.</param>
    public static T[] Sort<T>(T[] items, Func<T, object?> key, bool reverse, Func<object?, object?, bool>? less = null)
    {
        less ??= Comparison.Less;
        RenderBudget.Items(items.Length * 3L);
        (object? Key, T Item)[] source = Array.ConvertAll(items, item => (key(item), item));
        (object? Key, T Item)[] target = new (object?, T)[source.Length];
        for (int width = 1; width < source.Length; width *= 2)
        {
            for (int start = 0; start < source.Length; start += 2 * width)
                Merge(source, target, start, Math.Min(start + width, source.Length), Math.Min(start + 2 * width, source.Length), reverse, less);
            (source, target) = (target, source);
        }

        return Array.ConvertAll(source, pair => pair.Item);
    }

    private static void Merge<T>(
        (object? Key, T Item)[] source,
        (object? Key, T Item)[] target,
        int left,
        int middle,
        int end,
        bool reverse,
        Func<object?, object?, bool> less)
    {
        int right = middle;
        for (int i = left; i < end; i++)
        {
            RenderBudget.Step();
            bool takesRight = right < end && (left >= middle || (reverse
                ? less(source[left].Key, source[right].Key)
                : less(source[right].Key, source[left].Key)));
            target[i] = source[takesRight ? right++ : left++];
        }
    }
}
