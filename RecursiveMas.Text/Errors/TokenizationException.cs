namespace RecursiveMas;

/// <summary>A tokenizer cannot encode a text: the message names the cause in the tokenizer's file.</summary>
public class TokenizationException : RecursiveMasException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    public TokenizationException(string message)
        : base(message)
    {
    }
}
