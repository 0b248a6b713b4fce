using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Values;

/// <summary>Binary and unary operators on any values.</summary>
internal static class Operators
{
    // What an operation on the largest integers takes, in ordinary steps.
    private const int BigIntegerSteps = 256;

    public static object? Add(object? left, object? right)
    {
        if (Numbers.Is(left) && Numbers.Is(right))
            return Numbers.Add(left!, right!);
        if (left is string a && right is string b)
            return Join(a, b);
        if (Texts.TryGet(left, out string x) && Texts.TryGet(right, out string y))
            return new Markup(Join(left is Markup ? x : Markup.Escape(x), right is Markup ? y : Markup.Escape(y)));
        if (left is PySequence first && right is PySequence second && first.GetType() == second.GetType())
        {
            RenderBudget.Items(first.Items.Length + second.Items.Length);
            return first.With([.. first.Items, .. second.Items]);
        }

        if (right is Undefined undefined)
            throw undefined.Fault();
        throw Undefined.FaultOr(left, () => TemplateFault.TypeError(left is string or Markup or PySequence
            ? $"can only concatenate {TypeNames.Of(left)} (not \"{TypeNames.Of(right)}\") to {TypeNames.Of(left)}"
            : Unsupported("+", left, right)));
    }

    public static object? Subtract(object? left, object? right) => Arithmetic("-", left, right, Numbers.Subtract);

    public static object? Divide(object? left, object? right) => Arithmetic("/", left, right, Numbers.Divide);

    public static object? FloorDivide(object? left, object? right) => Arithmetic("//", left, right, Numbers.FloorDivide);

    public static object? Power(object? left, object? right)
    {
        RenderBudget.Step(right is long and <= 64 ? 1 : BigIntegerSteps);
        return Arithmetic("** or pow()", left, right, Numbers.Power);
    }

    public static object? Multiply(object? left, object? right)
    {
        if (Numbers.Is(left) && Numbers.Is(right))
        {
            if (left is System.Numerics.BigInteger || right is System.Numerics.BigInteger)
                RenderBudget.Step(BigIntegerSteps);
            return Numbers.Multiply(left!, right!);
        }

        (object? repeated, object? count) = Integers.Is(right) ? (left, right) : (right, left);
        if (Integers.Is(count))
        {
            if (count is System.Numerics.BigInteger && repeated is (string or Markup or PySequence))
                throw new TemplateFault("OverflowError", "cannot fit 'int' into an index-sized integer");
            if (Texts.TryGet(repeated, out string text))
            {
                string result = Texts.Repeat(text, Integers.Clamp(count));
                return repeated is Markup ? new Markup(result) : result;
            }

            if (repeated is PySequence sequence)
                return Repeat(sequence, Integers.Clamp(count));
        }

        if (left is Undefined || right is Undefined && left is not Markup)
            throw ((Undefined)(left is Undefined ? left : right!)).Fault();
        bool sequenceTimes = left is string or Markup or PySequence || right is string or Markup or PySequence;
        throw TemplateFault.TypeError(sequenceTimes
            ? $"can't multiply sequence by non-int of type '{TypeNames.Of(left is string or Markup or PySequence ? right : left)}'"
            : Unsupported("*", left, right));
    }

    public static object? Modulo(object? left, object? right)
    {
        if (Texts.TryGet(left, out string format))
        {
            string result = PercentFormat.Format(format, right, left is Markup);
            return left is Markup ? new Markup(result) : result;
        }

        return Arithmetic("%", left, right, Numbers.Modulo);
    }

    public static bool Compare(string symbol, object? left, object? right) => symbol switch
    {
        "==" => Comparison.AreEqual(left, right),
        "!=" => !Comparison.AreEqual(left, right),
        "in" => Collections.Contains(right, left),
        "not in" => !Collections.Contains(right, left),
        _ => Comparison.Ordered(left, right, symbol),
    };

    public static object? Negate(object? value) => Unary("-", value, Numbers.Negate);

    public static object? Plus(object? value) => Unary("+", value, v => v is bool flag ? Integers.Box(flag ? 1 : 0) : v);

    private static string Join(string left, string right)
    {
        RenderBudget.Text(left.Length + right.Length);
        return string.Concat(left, right);
    }

    private static PySequence Repeat(PySequence sequence, long count)
    {
        if (count <= 0 || sequence.Items.Length == 0)
            return sequence.With([]);
        if (count > int.MaxValue / sequence.Items.Length)
            throw TemplateFault.Limit("the template makes too much text or too many values.");
        RenderBudget.Items(sequence.Items.Length * count);
        object?[] items = new object?[sequence.Items.Length * count];
        for (int i = 0; i < items.Length; i += sequence.Items.Length)
            sequence.Items.CopyTo(items, i);
        return sequence.With(items);
    }

    private static object? Arithmetic(string symbol, object? left, object? right, Func<object, object, object> operation)
    {
        if (Numbers.Is(left) && Numbers.Is(right))
        {
            if (left is System.Numerics.BigInteger || right is System.Numerics.BigInteger)
                RenderBudget.Step(BigIntegerSteps);
            return operation(left!, right!);
        }

        if (left is Undefined || right is Undefined)
            throw ((Undefined)(left is Undefined ? left : right!)).Fault();
        throw TemplateFault.TypeError(Unsupported(symbol, left, right));
    }

    private static object? Unary(string symbol, object? value, Func<object, object> operation) => Numbers.Is(value)
        ? operation(value!)
        : throw Undefined.FaultOr(value, () => TemplateFault.TypeError($"bad operand type for unary {symbol}: '{TypeNames.Of(value)}'"));

    private static string Unsupported(string symbol, object? left, object? right) =>
        $"unsupported operand type(s) for {symbol}: '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'";
}
