namespace RecursiveMas.QuickStart;

/// <summary>The trace cannot be written.</summary>
internal sealed class TraceException(string message) : Exception(message);
