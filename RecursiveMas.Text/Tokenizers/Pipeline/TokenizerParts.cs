using RecursiveMas.Tokenizers.AddedTokens;
using RecursiveMas.Tokenizers.Bpe;
using RecursiveMas.Tokenizers.Decoders;
using RecursiveMas.Tokenizers.Normalizers;
using RecursiveMas.Tokenizers.PreTokenizers;

namespace RecursiveMas.Tokenizers.Pipeline;

/// <summary>What a tokenizer consists of.</summary>
internal sealed record TokenizerParts
{
    public TextNormalizer? Normalizer { get; init; }

    public required IReadOnlyList<PiecePreTokenizer> PreTokenizers { get; init; }

    public required BpeModel Model { get; init; }

    public required AddedVocabulary Added { get; init; }

    public required PostProcessor PostProcessor { get; init; }

    public TokenDecoder? Decoder { get; init; }

    public required LengthRules Lengths { get; init; }

    public bool CleansUpSpaces { get; init; }
}
