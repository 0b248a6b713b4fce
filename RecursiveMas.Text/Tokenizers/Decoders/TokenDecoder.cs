namespace RecursiveMas.Tokenizers.Decoders;

/// <summary>One step from tokens to text: rewrites the list of tokens in place. Immutable.</summary>
internal abstract class TokenDecoder
{
    public abstract void Apply(List<string> tokens);

    /// <summary>The same step for tokens as they come.</summary>
    /// <param name="next">Takes what the step hands on.</param>
    public abstract DecoderStream Stream(DecoderStream next);
}

internal sealed class SequenceDecoder(IReadOnlyList<TokenDecoder> parts) : TokenDecoder
{
    public override void Apply(List<string> tokens)
    {
        foreach (TokenDecoder part in parts)
            part.Apply(tokens);
    }

    public override DecoderStream Stream(DecoderStream next) => parts.Reverse().Aggregate(next, (following, part) => part.Stream(following));
}
