using Microsoft.Extensions.Logging;

namespace RecursiveMas.Styles.Tests;

/// <summary>Hands every line that is logged to a listener.</summary>
internal sealed class LineLoggers(Action<string> listener) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        listener(formatter(state, exception));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
