namespace RecursiveMas;

/// <summary>One row of a forward call.</summary>
/// <param name="Length">How many of the call's positions are the row's own, at least 1.</param>
/// <param name="Cache">What the row has read before, extended by the call; null for a row that is read alone, from its beginning.</param>
public readonly record struct ForwardRow(int Length, ModelCache? Cache);
