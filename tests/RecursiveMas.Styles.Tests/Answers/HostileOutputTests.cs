using Xunit;

namespace RecursiveMas.Styles.Tests.Answers;

/// <summary>Outputs that would take a backtracking or nested search forever; with linear ones each takes milliseconds.</summary>
public sealed class HostileOutputTests
{
    private const int Letters = 1 << 19;

    private static readonly string[] s_units =
    [
        "\\boxed{", "\\boxed{}", "\\boxed{\\boxed{1}", "{", "}", "\\", "\\{", "\n", " ", "\\boxed ", "final answer", "final answer: ", "Final Answer:\n", "final ",
        "answer", "answer: ", "answer is ", "answer (", "option ", "choice: A or ", "A. ", "(", "*", "**", "$", "\\text{", "<think>", "</think>", "<result>", "<", "```", "```python\n",
        "```python", "\n```", "``` \n", "\u001c", "A",
    ];

    public static TheoryData<string, TaskKind> Units()
    {
        var data = new TheoryData<string, TaskKind>();
        foreach (string unit in s_units)
        {
            foreach (TaskKind kind in Enum.GetValues<TaskKind>())
                data.Add(unit, kind);
        }

        return data;
    }

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(Units))]
    public async Task HalfAMegabyteTakesLinearTime(string unit, TaskKind kind)
    {
        string output = string.Concat(Enumerable.Repeat(unit, Letters / unit.Length));
        foreach (AnswerExtraction extraction in Enum.GetValues<AnswerExtraction>())
            await Task.Run(() => AnswerExtractor.Extract(output, kind, extraction), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void BoxesNestedAHundredThousandTimesGiveTheInnermost()
    {
        const int Depth = 100_000;
        string output = string.Concat(Enumerable.Repeat("\\boxed{", Depth)) + "1" + new string('}', Depth);
        Assert.Equal("1", AnswerExtractor.Extract(output, TaskKind.Math)?.Value);
        Assert.Equal("1", AnswerExtractor.Extract(output, TaskKind.Math, AnswerExtraction.Reference)?.Value);
    }
}
