using System.Text.Json;
using RecursiveMas.Catalogue;
using RecursiveMas.QuickStart;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Styles.Tests.QuickStart;

public sealed class TinyQuestionsTests
{
    [Theory]
    [InlineData("sequential_tiny", 3)]
    [InlineData("mixture_tiny", 4)]
    public void Every_question_that_a_system_was_tested_with_is_recognised(string system, int rounds)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Goldens.Folder("tiny", system), "questions.jsonl"));
        Assert.NotEmpty(lines);
        foreach (string line in lines)
        {
            using JsonDocument row = JsonDocument.Parse(line);
            string question = row.RootElement.GetProperty("question").GetString()!;
            Assert.Null(TinyQuestions.Remark(StyleCatalogue.Find(system), rounds, question));
        }
    }

    [Theory]
    [InlineData("sequential_tiny", "What is the capital of France?")]
    [InlineData("sequential_tiny", "Who is Mia's friend's boss?")]
    [InlineData("sequential_tiny", "Bob has 19 coins. January gets 1. How many coins?")]
    [InlineData("sequential_tiny", "Mia has 19 dogs. January gets 1. How many dogs?")]
    [InlineData("sequential_tiny", "Mia has 19 coins. January gets 1. How many shells?")]
    [InlineData("sequential_tiny", "Mia has 25 coins. January loses 9. How many coins?")]
    [InlineData("sequential_tiny", "Mia has 19 coins. January gets 9. How many coins?")]
    [InlineData("sequential_tiny", "Mia has 2 coins. January loses 3. How many coins?")]
    [InlineData("sequential_tiny", "Mia has 2 coins. February loses 1. How many coins?")]
    [InlineData("sequential_tiny", "Mia has 2 coins. January steals 1. How many coins?")]
    [InlineData("sequential_tiny", "Mia has 19 coins. How many coins?")]
    [InlineData("mixture_tiny", "Who is Bob's friend?")]
    [InlineData("mixture_tiny", "Who is Mia?")]
    [InlineData("mixture_tiny", "Who is Mia's teacher?")]
    [InlineData("mixture_tiny", "Who is Mia's friend's friend's friend's friend's friend?")]
    public void Other_questions_are_said_to_be_beyond_it_with_one_that_is_not(string system, string question)
    {
        StyleDefinition style = StyleCatalogue.Find(system);
        string remark = TinyQuestions.Remark(style, null, question)!;
        string sample = SampleQuestions.Of(system);
        Assert.Contains(sample, remark, StringComparison.Ordinal);
        Assert.Null(TinyQuestions.Remark(style, null, sample));
    }

    [Fact]
    public void Too_few_rounds_are_said()
    {
        StyleDefinition ledger = StyleCatalogue.Find("sequential_tiny");
        Assert.Contains(
            "4 months, and 1 round takes the agents through 3 of them; ask with --rounds 2.",
            TinyQuestions.Remark(ledger, 1, SystemFixture.Question),
            StringComparison.Ordinal);
        Assert.Null(TinyQuestions.Remark(ledger, 2, SystemFixture.Question));
        Assert.Null(TinyQuestions.Remark(ledger, 1_000_000_000, SystemFixture.Question));
        Assert.Contains("--rounds 2.", TinyQuestions.Remark(StyleCatalogue.Find("mixture_tiny"), 1, "Who is Mia's friend's boss?"), StringComparison.Ordinal);
    }

    [Fact]
    public void Systems_that_answer_anything_say_nothing() =>
        Assert.Null(TinyQuestions.Remark(StyleCatalogue.Find("sequential_light"), null, "What is the capital of France?"));
}
