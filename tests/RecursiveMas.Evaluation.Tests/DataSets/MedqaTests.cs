using System.Text.Json;
using RecursiveMas.DataSets.Sets;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.DataSets;

/// <summary>Gold answers that are texts of options.</summary>
public class MedqaTests
{
    [Fact]
    public void Gold_letters_are_the_references_and_the_right_ones()
    {
        foreach (JsonElement row in ScoringRows.Read("medqa_gold.jsonl"))
        {
            string answer = row.Text("answer")!;
            string[]? options = row.GetProperty("options") is { ValueKind: JsonValueKind.Array } list
                ? [.. list.EnumerateArray().Select(option => option.GetString()!)]
                : null;
            Assert.Equal(
                (answer, row.Text("reference"), row.Text("strict")),
                (answer, MedqaSet.ReferenceGold(answer, options), MedqaSet.Gold(answer, options)));
        }
    }

    [Fact]
    public async Task Wrong_golds_are_found_and_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("own-medqa.json", """
            [
              {"idx": 30, "question": "unused", "query": "Which? \n A. Oedema\n B. Rash\nPlease choose the correct option.", "answer": "Rash", "pid": 1,
               "options": ["A. Oedema", "B. Rash", "C. x", "D. y"]},
              {"idx": 31, "query": "", "question": " Which syndrome?\n", "answer": "Nephrotic syndrome with oedema",
               "options": ["A. Oedema", "B. Nephrotic syndrome with oedema", "C. x", "D. y"]},
              {"idx": 32, "query": "Which one?", "options": ["A. fever", "B. cough", "C. rash", "D. pain"], "answer": "something else"},
              "no object"
            ]
            """);
        QuestionSet set = await QuestionSets.LoadAsync(folder.Path("own-medqa.json"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("medqa", 3, "train"), (set.Name, set.Available, set.Source.Split));
        Assert.Equal("Which? \n A. Oedema\n B. Rash\nPlease choose the correct option.", set.Questions[0].Text);
        Assert.Equal(
            $"Which syndrome?\nA. Oedema\nB. Nephrotic syndrome with oedema\nC. x\nD. y\n\n{QuestionWording.Own.ChoiceSentence}",
            set.Questions[1].Text);
        Assert.Equal(["B", "B", ""], set.Questions.Select(question => question.Gold));
        Assert.Equal(["B", "A", "A"], set.Questions.Select(question => question.ReferenceGold));
        Assert.Equal(["31", "32"], set.Faults.Select(fault => fault.QuestionId));
        Assert.All(set.Questions, question => Assert.Equal(
            (TaskKind.Choice, TaskKind.Math, AnswerComparison.Choice),
            (question.Kind, question.LinkKind, question.Comparison)));
        Assert.Equal(AnswerAgreement.NoGold, AnswerScorer.ScoreStrictly("A", set.Questions[2].Gold!, AnswerComparison.Choice).Agreement);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_explained()
    {
        DataSetException error = await Assert.ThrowsAsync<DataSetException>(() =>
            QuestionSets.LoadAsync("MedQA", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("dataset/medqa.json", error.Message, StringComparison.Ordinal);
    }
}
