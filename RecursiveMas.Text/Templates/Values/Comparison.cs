using System.Numerics;
using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>Equality and order of values.</summary>
internal static class Comparison
{
    public static bool AreEqual(object? left, object? right)
    {
        switch (left)
        {
            case string text when right is string same && text.Length == same.Length:
                RenderBudget.Step(text.Length >> 6);
                return string.Equals(text, same, StringComparison.Ordinal);
            case string text:
                return right is string other ? string.Equals(text, other, StringComparison.Ordinal) : right is Markup safe && text == safe.Text;
            case Markup markup:
                return right is string plain ? plain == markup.Text : right is Markup second && second.Text == markup.Text;
            case null:
                return right is null;
            case Undefined:
                return right is Undefined;
            case long or double or bool or BigInteger:
                return Numbers.Is(right) && Numbers.Compare(left, right!) == 0;
            case PySequence sequence:
                return right is PySequence another && sequence.GetType() == another.GetType() && SequencesEqual(sequence.Items, another.Items);
            case PyDict dict:
                return right is PyDict otherDict && DictsEqual(dict, otherDict);
            case PyRange range:
                return right is PyRange r && r.Count == range.Count
                    && (range.Count == 0 || r.Start == range.Start && (range.Count == 1 || r.Step == range.Step));
            case PyBytes bytes:
                return right is PyBytes otherBytes && bytes.Data.AsSpan().SequenceEqual(otherBytes.Data);
            case PyDictView { Kind: not DictViewKind.Values } view:
                return right is PyDictView { Kind: not DictViewKind.Values } otherView && ViewsEqual(view, otherView);
            default:
                return ReferenceEquals(left, right);
        }
    }

    /// <summary>Identity or equality, the test that "in" and equality of containers use.</summary>
    public static bool IsOrEquals(object? left, object? right) =>
        left is double a && right is double b && double.IsNaN(a) && double.IsNaN(b) ? ReferenceEquals(left, right) : AreEqual(left, right);

    /// <summary>left &lt; right.</summary>
    public static bool Less(object? left, object? right) => Ordered(left, right, "<");

    /// <param name="left">Left operand.</param>
    /// <param name="right">Right operand.</param>
    /// <param name="symbol">One of the four order operators.</param>
    public static bool Ordered(object? left, object? right, string symbol)
    {
        if (Numbers.Is(left) && Numbers.Is(right))
            return Numbers.Compare(left!, right!) is { } order && Holds(order, symbol);
        if (Texts.TryGet(left, out string a) && Texts.TryGet(right, out string b))
            return Holds(CompareText(a, b), symbol);
        if (left is PySequence x && right is PySequence y && x.GetType() == y.GetType())
            return SequencesOrdered(x.Items, y.Items, symbol);
        if (left is PyBytes m && right is PyBytes n)
            return Holds(m.Data.AsSpan().SequenceCompareTo(n.Data), symbol);
        if (left is Undefined || right is Undefined)
            throw ((Undefined)(left is Undefined ? left : right!)).Fault();
        throw TemplateFault.TypeError($"'{symbol}' not supported between instances of '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
    }

    /// <summary>Order by code points, which differs from the order of UTF-16 units above the surrogates.</summary>
    public static int CompareText(string left, string right)
    {
        int length = Math.Min(left.Length, right.Length);
        RenderBudget.Step(length >> 4);
        for (int i = 0; i < length; i++)
        {
            char a = left[i];
            char b = right[i];
            if (a == b)
                continue;
            bool differs = char.IsSurrogate(a) != char.IsSurrogate(b);
            return differs ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
        }

        return left.Length.CompareTo(right.Length);
    }

    private static bool Holds(int order, string symbol) => symbol switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    private static bool SequencesOrdered(object?[] left, object?[] right, string symbol)
    {
        using StackGuard.Level level = StackGuard.Deeper();
        RenderBudget.Step(Math.Min(left.Length, right.Length) + 1);
        for (int i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (!IsOrEquals(left[i], right[i]))
                return Ordered(left[i], right[i], symbol);
        }

        return Holds(left.Length.CompareTo(right.Length), symbol);
    }

    private static bool SequencesEqual(object?[] left, object?[] right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left.Length != right.Length)
            return false;
        using StackGuard.Level level = StackGuard.Deeper();
        for (int i = 0; i < left.Length; i++)
        {
            RenderBudget.Step();
            if (!IsOrEquals(left[i], right[i]))
                return false;
        }

        return true;
    }

    private static bool DictsEqual(PyDict left, PyDict right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left.Count != right.Count)
            return false;
        using StackGuard.Level level = StackGuard.Deeper();
        RenderBudget.Step(left.Count + 1);
        return left.Entries.All(e => right.TryGet(e.Key, out object? other) && IsOrEquals(e.Value, other));
    }

    private static bool ViewsEqual(PyDictView left, PyDictView right)
    {
        using StackGuard.Level level = StackGuard.Deeper();
        RenderBudget.Step((long)left.Owner.Count * right.Owner.Count + 1);
        return left.Owner.Count == right.Owner.Count && left.Items.All(a => right.Items.Any(b => IsOrEquals(a, b)));
    }
}
