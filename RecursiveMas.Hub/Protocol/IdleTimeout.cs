namespace RecursiveMas.Protocol;

/// <summary>A time limit that starts anew with every sign of life.</summary>
internal sealed class IdleTimeout : IDisposable
{
    private readonly TimeSpan _longest;
    private readonly CancellationTokenSource _source;

    public IdleTimeout(TimeSpan longest, CancellationToken cancellationToken)
    {
        _longest = longest;
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Restart();
    }

    public CancellationToken Token => _source.Token;

    public void Restart() => _source.CancelAfter(_longest);

    public void Dispose() => _source.Dispose();
}
