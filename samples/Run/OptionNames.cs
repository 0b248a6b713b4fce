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

    public static string Of(InvalidOptionException error) =>
        s_names.TryGetValue(error.Option, out string? name) ? name + error.Message[error.Option.Length..] : error.Message;
}
