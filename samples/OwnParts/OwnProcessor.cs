namespace RecursiveMas.OwnParts;

/// <summary>A logits processor of one's own: tokens that hold some text cannot be written.</summary>
internal sealed class Without(HuggingFaceTokenizer tokenizer, string text) : ILogitsProcessor
{
    private readonly int[] _forbidden =
        [.. Enumerable.Range(0, tokenizer.VocabularySize)
            .Where(id => tokenizer.Decode([id], skipSpecialTokens: true).Contains(text, StringComparison.Ordinal))];

    public void Process(LogitsContext context, Span<float> logits)
    {
        foreach (int id in _forbidden)
            logits[id] = float.NegativeInfinity;
    }
}

/// <summary>Asks with it, and without it.</summary>
internal static class OwnProcessor
{
    public static async Task ShowAsync(TextWriter output)
    {
        await output.WriteLineAsync("A logits processor of one's own:");
        await using MasSystem mas = await MasSystem.LoadAsync("sequential_tiny");
        var question = new MasQuestion("Mia has 19 coins. January gets 1. February loses 2. March gets 2. April loses 7. How many coins?");
        var noThree = new Without(((LatentAgent)mas.Agents["solver"]).Tokenizer, "3");
        MasAnswer with = await mas.AskAsync(question),
            without = await mas.AskAsync(question, new AskOptions { Sampling = new SamplingOptions { DoSample = false, LogitsProcessors = [noThree] } });
        await output.WriteLineAsync($"  as it is: {with.Text.ReplaceLineEndings(" ")}");
        await output.WriteLineAsync($"  without a 3: {without.Text.ReplaceLineEndings(" ")}");
    }
}
