using System.Buffers;
using Microsoft.ML.Tokenizers;
using RecursiveMas.Tokenizers.AddedTokens;

namespace RecursiveMas;

/// <content>The members of <see cref="Tokenizer"/>.</content>
public sealed partial class HuggingFaceTokenizer
{
    /// <summary>Decodes ids, special tokens included.</summary>
    /// <param name="ids">The ids; those beyond the vocabulary decode to nothing.</param>
    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    /// <summary>Decodes ids, special tokens included, into a buffer.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="destination">Receives the text.</param>
    /// <param name="idsConsumed">How many ids the written text stands for.</param>
    /// <param name="charsWritten">How many UTF-16 code units were written.</param>
    /// <returns>Done, or DestinationTooSmall if the text of the next ids did not fit.</returns>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        IncrementalDecoder decoder = CreateDecoder(skipSpecialTokens: false);
        idsConsumed = 0;
        charsWritten = 0;
        int seen = 0;
        foreach (int id in ids)
        {
            seen++;
            if (decoder.Append(id) is not { } text)
                continue;
            if (!text.TryCopyTo(destination[charsWritten..]))
                return OperationStatus.DestinationTooSmall;
            charsWritten += text.Length;
            idsConsumed = seen;
        }

        if (decoder.Finish() is { } rest)
        {
            if (!rest.TryCopyTo(destination[charsWritten..]))
                return OperationStatus.DestinationTooSmall;
            charsWritten += rest.Length;
        }

        idsConsumed = seen;
        return OperationStatus.Done;
    }

    /// <summary>Encodes without added special tokens; text that looks like a special token becomes that token.</summary>
    /// <param name="text">The text, or null if it is given as a span.</param>
    /// <param name="textSpan">The text if <paramref name="text"/> is null.</param>
    /// <param name="settings">The pipeline is always applied as a whole; of the settings only the largest number of tokens counts.</param>
    /// <exception cref="InvalidOptionException">Normalisation or pre-tokenisation is switched off.</exception>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (!settings.ConsiderNormalization || !settings.ConsiderPreTokenization)
            throw new InvalidOptionException(
                "considerNormalization, considerPreTokenization",
                "the parts of this tokenizer cannot be switched off. Leave both true.");
        text ??= textSpan.ToString();
        List<(int Id, int Start, int End)> tokens = _pipeline.EncodeWithOffsets(text.AsMemory(), RangeFilter.Everything, addSpecialTokens: false);
        int count = Math.Min(tokens.Count, Math.Max(settings.MaxTokenCount, 0));

        // A character is not cut in two.
        while (count > 0 && count < tokens.Count && tokens[count].Start < tokens[count - 1].End)
            count--;
        return new EncodeResults<EncodedToken>
        {
            Tokens = [.. tokens.Take(count).Select(token => new EncodedToken(token.Id, IdToToken(token.Id) ?? "", token.Start..token.End))],
            NormalizedText = null,
            CharsConsumed = count == tokens.Count ? text.Length : count == 0 ? 0 : tokens[count - 1].End,
        };
    }
}
