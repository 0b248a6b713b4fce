namespace RecursiveMas.RunSample;

/// <summary>Messages of the library with its options as the command line calls them.</summary>
internal static class OptionNames
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["nameOrFolder"] = "--style", [nameof(MasOptions.Style)] = "--style",
        [nameof(MasOptions.Folder)] = "--system", [nameof(MasOptions.Device)] = "--device",
        [nameof(MasOptions.Dtype)] = "--dtype", [nameof(MasOptions.LinkDtype)] = "--outer_dtype", [nameof(MasOptions.Residency)] = "--residency",
        [nameof(MasOptions.MaxConcurrency)] = "--batch_size", [nameof(EvaluationOptions.BatchSize)] = "--batch_size",
        [nameof(SamplingOptions.Temperature)] = "--temperature", [nameof(SamplingOptions.TopP)] = "--top_p", [nameof(SamplingOptions.TopK)] = "--top_k",
        [nameof(SamplingOptions.MinP)] = "--min_p", [nameof(SamplingOptions.RepetitionPenalty)] = "--repetition_penalty",
        [nameof(MasOptions.Prompts)] = "--prompts", ["questions"] = "--dataset", ["count"] = "--num_samples", ["folder"] = "--output",
        ["name"] = "--dataset", [nameof(QuestionSetOptions.Seed)] = "--seed", [nameof(QuestionSetOptions.ExampleTests)] = "--mbppplus_num_prompt_tests",
    };

    // What the library says of memory that is too small: the longer words first.
    private static readonly (string Word, string Option)[] s_memory =
    [
        ($"{nameof(MasOptions)}.{nameof(MasOptions.MemoryCheck)} = {nameof(MemoryCheck.Warn)}", "--memory_check warn"),
        ($"{nameof(MasOptions.Residency)} = {nameof(ModelResidency.OneAtATime)}", "--residency one"),
        ($"{nameof(MasOptions.Weights)} = {nameof(WeightFormat.Int8)}", "--weights int8"),
        ($"{nameof(MasOptions.LatentSteps)} ", "--latent_length "), ($"{nameof(MasOptions.MaxNewTokens)} ", "--max_new_tokens "),
    ];

    /// <summary>The message of a fault, whose ways out are options of the command line.</summary>
    public static string In(RecursiveMasException error) => error switch
    {
        NotEnoughMemoryException => s_memory.Aggregate(error.Message, (text, pair) => text.Replace(pair.Word, pair.Option, StringComparison.Ordinal)),
        ResultsException => error.Message.Replace("rite into another folder", "rite into another folder (--output)", StringComparison.Ordinal),
        _ => error.Message,
    };

    public static string Of(InvalidOptionException error) =>
        s_names.TryGetValue(error.Option, out string? name) ? name + error.Message[error.Option.Length..] : error.Message;
}
