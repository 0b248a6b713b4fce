using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RecursiveMas.Styles.Tests.Hosting;

/// <summary>What a host or a system writes into its log, with the level; may hold up whoever writes a certain line.</summary>
internal sealed class HostLog : ILoggerProvider, ILoggerFactory
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    /// <summary>Called with each line on the thread that writes it.</summary>
    public Action<string>? Writing { get; set; }

    public bool Disposed { get; private set; }

    public IReadOnlyList<(LogLevel Level, string Text)> Lines => [.. _lines];

    public IEnumerable<string> From(LogLevel least) => _lines.Where(line => line.Level >= least).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose() => Disposed = true;

    private sealed class Logger(HostLog log) : ILogger
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ObjectDisposedException.ThrowIf(log.Disposed, log);
            string text = formatter(state, exception);
            log._lines.Enqueue((logLevel, text));
            log.Writing?.Invoke(text);
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
