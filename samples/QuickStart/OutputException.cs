namespace RecursiveMas.QuickStart;

/// <summary>The answer cannot be written.</summary>
internal sealed class OutputException(string reason) : Exception($"The answer cannot be written: {reason}.");
