using System.Text.Json;
using RecursiveMas.Testing;

namespace RecursiveMas.Evaluation.Tests.Scoring;

/// <summary>The data sets of the golden scoring data.</summary>
internal static class ScoredSets
{
    /// <summary>How the answers of a row's data set are compared.</summary>
    public static AnswerComparison Comparison(this JsonElement row) => row.Text("dataset") switch
    {
        "medqa" or "gpqa" => AnswerComparison.Choice,
        "gsm8k" => AnswerComparison.WordProblem,
        "math500" => AnswerComparison.Mathematics,
        _ => AnswerComparison.Text,
    };
}
