namespace RecursiveMas;

/// <summary>A rule by which a text ends, beside its end token, its length and stop sequences: for example when a call of a tool is complete.</summary>
/// <remarks>One object for one text; called by one thread at a time, on the thread that computes: it must be quick.</remarks>
public interface IStopRule
{
    /// <summary>
    /// Takes what comes next: for each token in order the text that it completes, which may be empty; where an agent has no tokens, each piece.
    /// </summary>
    /// <param name="piece">The text.</param>
    /// <returns>
    /// Null if the text goes on; otherwise how many characters of the piece still belong to it. The session holds nothing of what is behind them: a token
    /// that has text on both sides is taken back, and what is kept of it is encoded anew.
    /// </returns>
    int? Append(string piece);
}
