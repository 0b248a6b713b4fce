using System.Runtime.InteropServices;

namespace RecursiveMas.Chat;

/// <summary>Makes tokens that the text holds already less probable: by a fixed amount, and by one for each time that they were written.</summary>
/// <param name="frequency">Taken from the score of a token for each time.</param>
/// <param name="presence">Taken from the score of a token once.</param>
internal sealed class RepeatPenalty(float frequency, float presence) : ILogitsProcessor
{
    public void Process(LogitsContext context, Span<float> logits)
    {
        var counts = new Dictionary<int, int>();
        for (int i = context.TokenIds.Count - context.NewTokens; i < context.TokenIds.Count; i++)
            CollectionsMarshal.GetValueRefOrAddDefault(counts, context.TokenIds[i], out _)++;
        foreach ((int token, int count) in counts)
            logits[token] -= presence + (frequency * count);
    }
}
