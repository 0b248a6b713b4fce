namespace RecursiveMas;

/// <summary>No next token can be chosen because the model's scores yield no valid probabilities. No token has been drawn for any row.</summary>
public class SamplingException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="row">Row of the batch, from 0.</param>
    /// <param name="position">Number of tokens the row had generated before.</param>
    /// <param name="reason">What is wrong with the scores, and the fix.</param>
    public SamplingException(int row, int position, string reason)
        : base($"Row {row}, new token {position + 1}: {reason}")
    {
        Row = row;
        Position = position;
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="row">Row of the batch, from 0.</param>
    /// <param name="position">Number of tokens the row had generated before.</param>
    /// <param name="reason">What went wrong, and the fix.</param>
    /// <param name="cause">The exception behind it.</param>
    public SamplingException(int row, int position, string reason, Exception cause)
        : base($"Row {row}, new token {position + 1}: {reason}", cause)
    {
        Row = row;
        Position = position;
    }

    /// <summary>Row of the batch, from 0.</summary>
    public int Row { get; }

    /// <summary>Number of tokens the row had generated before.</summary>
    public int Position { get; }
}
