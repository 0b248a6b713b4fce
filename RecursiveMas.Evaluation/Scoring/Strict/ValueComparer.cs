using RecursiveMas.Algebra;
using RecursiveMas.Latex;

namespace RecursiveMas.Scoring.Strict;

/// <summary>Whether two values are the same: same structure, same order where it matters, equal parts.</summary>
internal static class ValueComparer
{
    public static (AnswerAgreement Agreement, string Rule) Compare(MathValue gold, MathValue answer)
    {
        AlgebraWork.Spend(1);
        (gold, answer) = Sides(gold, answer);
        return (gold, answer) switch
        {
            (ScalarValue left, ScalarValue right) => Scalars(left.Value, right.Value),
            (SequenceValue left, SequenceValue right) => (Sequences(left, right), "tuple or interval"),
            (SetValue left, SetValue right) => (Unordered(left.Items, right.Items), "set"),
            (SetValue left, ListValue right) => (Unordered(left.Items, right.Items), "set"),
            (ListValue left, ListValue right) => (List(left.Items, right.Items), "list"),
            (UnionValue left, UnionValue right) => (Unordered(left.Items, right.Items), "union"),
            (MatrixValue left, MatrixValue right) => (Matrices(left, right), "matrix"),
            (RelationValue left, RelationValue right) => (Relations(left, right), "relation"),
            (RatioValue left, RatioValue right) => (InOrder(left.Parts, right.Parts), "ratio"),
            (BasedValue left, BasedValue right) => (left == right ? AnswerAgreement.Equal : AnswerAgreement.Different, "number in a base"),
            _ => (gold is BasedValue || answer is BasedValue ? AnswerAgreement.Undecided : AnswerAgreement.Different, "structure"),
        };
    }

    /// <summary>"x = 3" against "3", and "x ∈ S" against "S": the side that matters.</summary>
    private static (MathValue Gold, MathValue Answer) Sides(MathValue gold, MathValue answer)
    {
        if (gold is RelationValue named && answer is not RelationValue && Named(named) is { } value)
            return (value, answer);
        if (answer is RelationValue other && gold is not RelationValue && Named(other) is { } given)
            return (gold, given);
        return (gold, answer);
    }

    /// <summary>What a variable is said to be; null if the relation says something else.</summary>
    private static MathValue? Named(RelationValue relation)
    {
        if (relation.Signs is not ["=" or "\\in"] || relation.Sides[0] is not ScalarValue { Value: var left } || !IsVariable(left))
            return null;
        string name = left.Atoms.First();
        return relation.Sides[1] is ScalarValue right && right.Value.Atoms.Contains(name) ? null : relation.Sides[1];
    }

    private static bool IsVariable(Quotient value) =>
        value.Bottom.Number is not null
        && value.Top.Term is { } term
        && term.Coefficient == Rational.One
        && term.Monomial.Powers.Count == 1
        && term.Monomial.Powers.First() is var (atom, power)
        && power == Rational.One
        && !IsOpaque(atom)
        && !UnitWords.IsUnit(atom);

    /// <summary>A unit that is missing on one side is tolerated; two different ones are not. Percent equals only percent.</summary>
    private static (AnswerAgreement Agreement, string Rule) Scalars(Quotient gold, Quotient answer)
    {
        (Quotient left, string leftUnit) = WithoutUnit(gold);
        (Quotient right, string rightUnit) = WithoutUnit(answer);
        bool percent = leftUnit == UnitWords.Percent || rightUnit == UnitWords.Percent;
        if (leftUnit != rightUnit && (percent || (leftUnit.Length > 0 && rightUnit.Length > 0)))
            return (AnswerAgreement.Different, "unit");
        string rule = leftUnit != rightUnit ? "value, unit missing" : left.Number is not null && right.Number is not null ? "number" : "expression";
        if (Quotient.AreEqual(left, right))
            return (AnswerAgreement.Equal, rule);
        bool opaque = left.Atoms.Concat(right.Atoms).Any(IsOpaque);
        return (opaque ? AnswerAgreement.Undecided : AnswerAgreement.Different, rule);
    }

    private static (Quotient Value, string Unit) WithoutUnit(Quotient value)
    {
        if (value.Bottom.Number is null || value.Top.IsZero)
            return (value, "");
        KeyValuePair<string, Rational>[][] units = [.. value.Top.Terms.Keys.Select(term => term.Powers.Where(power => UnitWords.IsUnit(power.Key)).ToArray())];
        if (units[0].Length == 0 || !units.All(other => other.SequenceEqual(units[0])))
            return (value, "");
        (Monomial unit, _) = Monomial.Of(units[0]);
        return (value / Quotient.Of(Polynomial.Of(unit, Rational.One)), unit.Key);
    }

    /// <summary>Functions, roots of sums and the like are compared as they are written only.</summary>
    private static bool IsOpaque(string atom) => atom[0] == '(';

    private static AnswerAgreement Sequences(SequenceValue left, SequenceValue right) =>
        left.Open == right.Open && left.Close == right.Close ? InOrder(left.Items, right.Items) : AnswerAgreement.Different;

    private static AnswerAgreement InOrder(IReadOnlyList<MathValue> left, IReadOnlyList<MathValue> right)
    {
        if (left.Count != right.Count)
            return AnswerAgreement.Different;
        AnswerAgreement all = AnswerAgreement.Equal;
        for (int i = 0; i < left.Count; i++)
        {
            AnswerAgreement one = Compare(left[i], right[i]).Agreement;
            if (one == AnswerAgreement.Different)
                return one;
            all = one == AnswerAgreement.Undecided ? one : all;
        }

        return all;
    }

    /// <summary>Whether each part of one side has its own equal on the other.</summary>
    private static AnswerAgreement Unordered(IReadOnlyList<MathValue> left, IReadOnlyList<MathValue> right)
    {
        if (left.Count != right.Count)
            return AnswerAgreement.Different;
        var open = right.ToList();
        foreach (MathValue item in left)
        {
            AnswerAgreement best = AnswerAgreement.Different;
            for (int i = 0; i < open.Count && best != AnswerAgreement.Equal; i++)
            {
                AnswerAgreement one = Compare(item, open[i]).Agreement;
                if (one == AnswerAgreement.Equal)
                    open.RemoveAt(i);
                best = one == AnswerAgreement.Different ? best : one;
            }

            if (best != AnswerAgreement.Equal)
                return best;
        }

        return AnswerAgreement.Equal;
    }

    /// <summary>Without brackets nobody says whether the order matters.</summary>
    private static AnswerAgreement List(IReadOnlyList<MathValue> left, IReadOnlyList<MathValue> right)
    {
        AnswerAgreement ordered = InOrder(left, right);
        return ordered == AnswerAgreement.Different && Unordered(left, right) == AnswerAgreement.Equal ? AnswerAgreement.Undecided : ordered;
    }

    private static AnswerAgreement Matrices(MatrixValue left, MatrixValue right)
    {
        if (left.IsDeterminant != right.IsDeterminant || left.Rows.Count != right.Rows.Count || left.Rows[0].Count != right.Rows[0].Count)
            return AnswerAgreement.Different;
        return InOrder([.. left.Rows.SelectMany(row => row)], [.. right.Rows.SelectMany(row => row)]);
    }

    private static AnswerAgreement Relations(RelationValue left, RelationValue right)
    {
        AnswerAgreement straight = OneWay(left, right);
        if (straight == AnswerAgreement.Equal)
            return straight;
        AnswerAgreement turned = OneWay(left, new RelationValue([.. right.Sides.Reverse()], [.. right.Signs.Reverse().Select(Turned)]));
        return turned == AnswerAgreement.Different ? straight : turned;
    }

    private static AnswerAgreement OneWay(RelationValue left, RelationValue right) =>
        left.Signs.SequenceEqual(right.Signs) ? InOrder(left.Sides, right.Sides) : AnswerAgreement.Different;

    private static string Turned(string sign) => sign switch
    {
        "<" => ">",
        ">" => "<",
        "\\le" => "\\ge",
        "\\ge" => "\\le",
        "\\in" => "\\ni",
        _ => sign,
    };
}
