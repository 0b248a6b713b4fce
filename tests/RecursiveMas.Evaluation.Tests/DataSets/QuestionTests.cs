using Xunit;

namespace RecursiveMas.Evaluation.Tests.DataSets;

public sealed class QuestionTests
{
    [Theory]
    [InlineData(TaskKind.Math, TaskKind.Math)]
    [InlineData(TaskKind.Choice, TaskKind.Math)]
    [InlineData(TaskKind.Code, TaskKind.Code)]
    [InlineData(TaskKind.Free, TaskKind.Math)]
    public void Links_follow_the_kind_unless_others_are_named(TaskKind kind, TaskKind links)
    {
        var question = new EvaluationQuestion(0, "q", "?") { Kind = kind };
        Assert.Equal(links, question.LinkKind);
        Assert.Equal(links, question.ToMasQuestion().LinkKind);
        Assert.Equal(TaskKind.Math, (question with { LinkKind = TaskKind.Math }).LinkKind);
        Assert.Equal(TaskKind.Code, (new EvaluationQuestion(0, "q", "?") { LinkKind = TaskKind.Code, Kind = kind }).LinkKind);
        Assert.Throws<InvalidOptionException>(() => question with { LinkKind = (TaskKind)77 });
    }
}
