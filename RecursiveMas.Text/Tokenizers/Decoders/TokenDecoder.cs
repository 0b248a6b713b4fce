namespace RecursiveMas.Tokenizers;

/// <summary>One step from tokens to text: rewrites the list of tokens in place. Immutable.</summary>
internal abstract class TokenDecoder
{
    public abstract void Apply(List<string> tokens);
}

internal sealed class SequenceDecoder(IReadOnlyList<TokenDecoder> parts) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        foreach (TokenDecoder part in parts)
            part.Apply(tokens);
    }
}
