using RecursiveMas.DataSets.Rows;

namespace RecursiveMas.DataSets.Sets;

/// <summary>How rows of a data set become questions.</summary>
internal interface ISetReader
{
    /// <summary>Whether a column is needed.</summary>
    bool Wants(string column);

    /// <summary>Makes a question of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="index">Its place in the data set.</param>
    /// <param name="options">Wording, seeds, examples.</param>
    /// <param name="fault">Told about each fault of the row: field, message.</param>
    /// <exception cref="DataSetException">The row lacks a column without which there is no question.</exception>
    EvaluationQuestion Read(DataRow row, int index, QuestionSetOptions options, Action<string, string> fault);
}

/// <summary>A question in one column and an answer in another.</summary>
/// <param name="comparison">How answers are compared.</param>
/// <param name="questions">Columns that may hold the question; the first one that a row has is taken.</param>
/// <param name="answers">Columns that may hold the answer.</param>
/// <param name="ids">Columns that may name the question.</param>
internal sealed class PlainSet(AnswerComparison comparison, string[] questions, string[] answers, string[] ids) : ISetReader
{
    public bool Wants(string column) => questions.Contains(column) || answers.Contains(column) || ids.Contains(column);

    public EvaluationQuestion Read(DataRow row, int index, QuestionSetOptions options, Action<string, string> fault)
    {
        string text = row.Text(row.Require(questions)), gold = row.Text(row.Require(answers));
        if (string.IsNullOrWhiteSpace(text))
            fault("question", "It is empty.");
        if (string.IsNullOrWhiteSpace(gold))
            fault("gold", "It is empty; no answer counts as right.");
        return new EvaluationQuestion(index, SetId.Of(row, index, ids), text) { Comparison = options.Comparison ?? comparison, Gold = gold };
    }
}

/// <summary>Names of questions.</summary>
internal static class SetId
{
    public static string Of(DataRow row, int index, params ReadOnlySpan<string> columns) =>
        row.FirstText(columns) is { Length: > 0 } id ? id : index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
