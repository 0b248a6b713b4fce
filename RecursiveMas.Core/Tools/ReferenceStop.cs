namespace RecursiveMas.Tools;

/// <summary>
/// The reference's stop rule: a closing tag among the last 16 new tokens, but of the new tokens it leaves out as many as there were positions before them.
/// </summary>
/// <param name="tools">Names of the tools.</param>
/// <param name="positions">Positions before the first new token.</param>
internal sealed class ReferenceStop(IReadOnlyList<string> tools, int positions) : IStopRule
{
    private const int Window = 16;

    private readonly Queue<string> _pieces = new();
    private int _tokens;

    /// <summary>Whether a tag was seen.</summary>
    public bool Stopped { get; private set; }

    public int? Append(string piece)
    {
        if (++_tokens <= positions)
            return null;
        _pieces.Enqueue(piece);
        if (_pieces.Count > Window)
            _pieces.Dequeue();
        string tail = string.Concat(_pieces);
        Stopped = tools.Any(tool => tail.Contains($"</{tool}>", StringComparison.OrdinalIgnoreCase));
        return Stopped ? piece.Length : null;
    }
}
