namespace RecursiveMas.Algebra;

/// <summary>A value that this algebra does not take up. Never leaves the scorer: what it meets is undecided.</summary>
/// <param name="what">What it is.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "Never leaves the scorer.")]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Never leaves the scorer.")]
internal sealed class AlgebraException(string what) : Exception(what);
