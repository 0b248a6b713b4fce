namespace RecursiveMas.Tool.Output;

/// <summary>The result cannot be written.</summary>
internal sealed class OutputException(string reason) : Exception($"The output cannot be written: {reason}.");
