using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests;

public sealed class TinyQuestionsTests
{
    [Fact]
    public void Ledgers_are_fresh_and_their_answers_add_up()
    {
        QuestionSet set = TinyQuestions.Draw("sequential_tiny", 1000);
        Assert.Equal(1000, set.Questions.Select(question => question.Text).Distinct().Count());
        Assert.All(set.Questions, question =>
        {
            Assert.InRange(SHA256.HashData(Encoding.UTF8.GetBytes(question.Text))[0], 0, 31);
            string[] sentences = question.Text.Split(". ");
            int value = int.Parse(sentences[0].Split(' ')[2], CultureInfo.InvariantCulture);
            foreach (string[] words in sentences[1..^1].Select(sentence => sentence.Split(' ')))
            {
                int change = int.Parse(words[2], CultureInfo.InvariantCulture);
                value = words[1] switch { "gets" => value + change, "loses" => value - change, _ => value * change };
                Assert.InRange(value, 0, 20);
            }

            Assert.Equal(value.ToString(CultureInfo.InvariantCulture), question.Gold);
        });
        Assert.Equal(9, set.Questions.Max(question => question.Text.Split(". ").Length - 2));
        Assert.Equal(set.Questions.Select(question => question.Text), TinyQuestions.Draw("sequential_tiny", 1000).Questions.Select(question => question.Text));
        Assert.NotEqual(set.Questions[0].Text, TinyQuestions.Draw("sequential_tiny", 1, seed: 1).Questions[0].Text);
    }

    [Fact]
    public void Relations_are_those_of_the_records()
    {
        using JsonDocument tables = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Goldens.Folder("tiny", "mixture_tiny"), "relations.json")));
        QuestionSet set = TinyQuestions.Draw("mixture_tiny", 500);
        Assert.Equal(500, set.Questions.Select(question => question.Text).Distinct().Count());
        Assert.All(set.Questions, question =>
        {
            string[] words = question.Text["Who is ".Length..^1].Split("'s ");
            string person = words[0];
            foreach (string relation in words[1..])
                person = tables.RootElement.GetProperty(relation).GetProperty(person).GetString()!;
            Assert.Equal(person, question.Gold);
            Assert.True(words.Length == 2 || SHA256.HashData(Encoding.UTF8.GetBytes(question.Text))[0] < 102);
        });
    }

    [Fact]
    public void What_there_is_not_is_refused()
    {
        InvalidOptionException error = Assert.Throws<InvalidOptionException>(() => TinyQuestions.Draw("none", 1));
        Assert.Contains("mixture_tiny, sequential_tiny", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOptionException>(() => TinyQuestions.Draw("mixture_tiny", 1001));
        Assert.Throws<InvalidOptionException>(() => TinyQuestions.Draw("mixture_tiny", 0));
        Assert.Equal(1000, TinyQuestions.Draw("mixture_tiny", 1000).Questions.Count);
    }
}
