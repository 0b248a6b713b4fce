namespace RecursiveMas;

/// <summary>A text cannot be turned into ids by a tokenizer: the message names the cause in the tokenizer's file.</summary>
public class TokenizationException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    public TokenizationException(string message)
        : base(message)
    {
    }
}
