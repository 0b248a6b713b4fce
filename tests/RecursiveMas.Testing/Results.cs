namespace RecursiveMas.Testing;

/// <summary>Results of many questions, for tests in which every question has an answer.</summary>
public static class Results
{
    /// <summary>The answers in the order of the questions; the first failure is thrown.</summary>
    public static async Task<IReadOnlyList<MasAnswer>> AnswersAsync(this IAsyncEnumerable<MasResult> results) =>
        await results.OrderBy(result => result.Index).Select(result => result.AnswerOrThrow()).ToListAsync();
}
