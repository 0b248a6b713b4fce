using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>A question that fails does not take its batch along.</summary>
public sealed class PartialAnswersTests(SystemFixture fixture) : IClassFixture<SystemFixture>
{
    private const string Good = "Zoe has 7 beads. January gets 2. How many beads?";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task The_others_have_their_answers(int batch)
    {
        string tooLong = string.Join(' ', Enumerable.Repeat(Good, 60));
        string[] questions = [Good, "", SystemFixture.Question, tooLong, Good];
        PartialAnswersException error = await Assert.ThrowsAsync<PartialAnswersException>(() =>
            fixture.System.AskManyAsync(questions.Select(question => new MasQuestion(question)), new AskOptions { BatchSize = batch }, TestContext.Current.CancellationToken));
        Assert.Equal([1, 3], error.Failures.Keys);
        Assert.All(error.Failures.Values, failure => Assert.IsType<PromptException>(failure));
        Assert.Equal(["9", null, "13", null, "9"], error.Answers.Select(answer => answer?.Extracted?.Value));
        Assert.Contains("2 of 5", error.Message, StringComparison.Ordinal);
        Assert.Contains("number 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_concerns_all_questions_is_raised_as_it_is() =>
        await Assert.ThrowsAsync<CheckpointException>(() => fixture.System.AskManyAsync([new MasQuestion(Good) { Kind = TaskKind.Code }], null, TestContext.Current.CancellationToken));
}
