using System.Text.RegularExpressions;
using RecursiveMas.DataSets.Rows;
using RecursiveMas.Shared;

namespace RecursiveMas.DataSets.Sets;

/// <summary>MedQA: a question with lettered options, whose answer is given as the text of one of them.</summary>
internal sealed partial class MedqaSet : ISetReader
{
    private static readonly string[] s_columns = ["idx", "question", "options", "answer", "query"];

    public bool Wants(string column) => s_columns.Contains(column);

    public EvaluationQuestion Read(DataRow row, int index, QuestionSetOptions options, Action<string, string> fault)
    {
        row.Require("query", "question");
        row.Require("answer");
        string text = TextTrim.Both(row.Text("query") is { Length: > 0 } query ? query : row.Text("question"));
        string[]? choices = row.List("options");
        if (text.Length == 0)
            fault("question", "It is empty.");
        if (choices is { Length: > 0 } && !ChoiceText.HasOptions(text))
            text = $"{text}\n{string.Join('\n', choices)}";
        string answer = row.Text("answer"), reference = ReferenceGold(answer, choices);
        string? gold = Gold(answer, choices);
        if (gold is null)
            fault("gold", $"The answer '{ShownText.Of(answer)}' is none of the options; no letter counts as right. The reference takes {reference}.");
        else if (gold != reference)
            fault("gold", $"The answer is option {gold}, word by word; the reference takes {reference}.");
        return new EvaluationQuestion(index, SetId.Of(row, index, "idx"), ChoiceText.Asking(text, options.Wording))
        {
            Kind = TaskKind.Choice,
            Comparison = AnswerComparison.Choice,
            Gold = gold ?? "",
            ReferenceGold = reference,
        };
    }

    /// <summary>The letter of the one option that the answer is; null if it is none, or several.</summary>
    public static string? Gold(string answer, string[]? options)
    {
        string wanted = Normal(answer);
        if (wanted.Length == 0)
            return null;
        (string? Letter, string Text)[] lettered = [.. (options ?? []).Select(option => (Letter(option), Normal(WithoutLetter(option))))];
        string?[] equal = [.. lettered.Where(option => option.Letter is not null && option.Text == wanted).Select(option => option.Letter)];
        if (equal.Length > 0)
            return equal is [var only] ? only : null;
        return BareLetter().Match(answer) is { Success: true } bare
            && bare.Groups[1].Value.ToUpperInvariant() is var letter && lettered.Any(option => option.Letter == letter) ? letter : null;
    }

    /// <summary>The letter that the reference implementation takes: also where one text only contains the other, and A where nothing fits.</summary>
    public static string ReferenceGold(string answer, string[]? options)
    {
        if (Letter(answer) is { } said)
            return said;
        string wanted = ReferenceNormal(answer);
        foreach (string option in options ?? [])
        {
            if (Letter(option) is not { } letter || wanted.Length == 0)
                continue;
            string text = ReferenceNormal(option);
            if (wanted.Contains(text, StringComparison.Ordinal) || text.Contains(wanted, StringComparison.Ordinal))
                return letter;
        }

        return "A";
    }

    private static string? Letter(string text) => AnswerExtractor.Extract(text, TaskKind.Choice, AnswerExtraction.Reference)?.Value;

    private static string ReferenceNormal(string text) => Normal(WithoutLetter(text));

    private static string WithoutLetter(string text) => OptionLetter().Replace(text, "", 1);

    private static string Normal(string text) => TextTrim.Both(Spaces().Replace(text, " ")).ToLowerInvariant();

    [GeneratedRegex(@"^\s*[(\[]?\s*[A-Da-d](?:\s*[)\]]|\s*[:.\-])\s*", RegexOptions.CultureInvariant)]
    private static partial Regex OptionLetter();

    [GeneratedRegex(@"^\s*[(\[]?\s*([A-Da-d])\s*[)\].:]?\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex BareLetter();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
