using RecursiveMas.Algebra;

namespace RecursiveMas.Latex;

/// <summary>What a formula stands for.</summary>
internal abstract record MathValue;

/// <summary>A number or an expression.</summary>
/// <param name="Value">Its value, units and signs of degree, percent and currency as factors.</param>
internal sealed record ScalarValue(Quotient Value) : MathValue;

/// <summary>A tuple or an interval.</summary>
internal sealed record SequenceValue(string Open, string Close, IReadOnlyList<MathValue> Items) : MathValue;

/// <summary>A set in braces, or the empty set.</summary>
internal sealed record SetValue(IReadOnlyList<MathValue> Items) : MathValue;

/// <summary>Values side by side without brackets.</summary>
internal sealed record ListValue(IReadOnlyList<MathValue> Items) : MathValue;

/// <summary>A union of intervals or sets.</summary>
internal sealed record UnionValue(IReadOnlyList<MathValue> Items) : MathValue;

/// <summary>A matrix, or its determinant.</summary>
internal sealed record MatrixValue(bool IsDeterminant, IReadOnlyList<IReadOnlyList<MathValue>> Rows) : MathValue;

/// <summary>Sides and the relations between them, one fewer.</summary>
internal sealed record RelationValue(IReadOnlyList<MathValue> Sides, IReadOnlyList<string> Signs) : MathValue;

/// <summary>A ratio, or a time of day.</summary>
internal sealed record RatioValue(IReadOnlyList<MathValue> Parts) : MathValue;

/// <summary>Digits in a base that is written with them.</summary>
internal sealed record BasedValue(string Digits, string Base) : MathValue;
