using RecursiveMas.Prompts;
using Xunit;

namespace RecursiveMas.Styles.Tests.Prompts;

public sealed class LetteredQuestionTests
{
    [Theory]
    [InlineData("Pick.\nA. x", true)]
    [InlineData("  b ) x", true)]
    [InlineData("c\n:\nx", true)]
    [InlineData("D-\tx", true)]
    [InlineData("\n \n\u001c a.\u00a0x", true)]
    [InlineData("A.x", false)]
    [InlineData("A.", false)]
    [InlineData("E. x", false)]
    [InlineData("see A. x", false)]
    [InlineData("Ab. x", false)]
    [InlineData("", false)]
    public void ALineBeginsWithALetterAMarkAndWhiteSpace(string question, bool lettered) => Assert.Equal(lettered, LetteredQuestion.Is(question));

    [Fact(Timeout = 20_000)]
    public async Task AMegabyteOfBlankLinesTakesLinearTime() =>
        Assert.False(await Task.Run(
            () => LetteredQuestion.Is(new string('\n', 1 << 20) + string.Concat(Enumerable.Repeat("A \n", 1 << 18))),
            TestContext.Current.CancellationToken));
}
