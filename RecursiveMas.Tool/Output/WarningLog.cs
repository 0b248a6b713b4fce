using Microsoft.Extensions.Logging;

namespace RecursiveMas.Tool.Output;

/// <summary>Shows the client's warnings: what is tried again, and what is waited for.</summary>
internal sealed class WarningLog(CommandOutput output) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            output.Warn(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
