using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RecursiveMas.Hub.Tests;

/// <summary>A listener that is called on the thread that reports.</summary>
internal sealed class Collected<T>(Action<T>? also = null) : IProgress<T>
{
    public ConcurrentQueue<T> Values { get; } = new();

    public void Report(T value)
    {
        Values.Enqueue(value);
        also?.Invoke(value);
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class CollectedLog : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
