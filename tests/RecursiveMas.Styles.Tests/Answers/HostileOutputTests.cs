using Xunit;

namespace RecursiveMas.Styles.Tests.Answers;

/// <summary>Outputs that would take a backtracking or nested search forever; with linear ones each takes milliseconds.</summary>
public sealed class HostileOutputTests
{
    private const int Letters = 1 << 19;

    private static readonly string[] s_units =
    [
        "\\boxed{", "\\boxed{}", "\\boxed{\\boxed{1}", "{", "}", "\\", "\\{", "\n", " ", "\\boxed ", "final answer", "final answer: ", "Final Answer:\n",
        "final ", "answer", "answer: ", "answer is ", "answer (", "option ", "choice: A or ", "A. ", "(", "*", "**", "$", "\\text{", "<think>", "</think>",
        "<result>", "<", "```", "```python\n", "```python", "\n```", "``` \n", "\u001c", "A", "answer: $", "answer: 1 ", "answer to ", "answer not ",
        "the answer is not 5. ", "answer: \\[", "answer: \\begin{a}", "answer\n", "answer:\n---\n", "answer:\n1. ", "1. \n", "- \n", "answer:\n- \n",
        "| answer | ", "<answer>", "#### ", "答案是", "故选", "\\boxed 1 ", "$\\boxed ", "\\fbox{", "wait, ", "i made a ", "option B is correct. ",
        "B is the correct ", "therefore, ", "i choose ", "A) ", "(A) ", "B\n", "```python\n\"\"\"\n```\n", "\"\"\"\n```\n", "```python\n'''\n",
        "> ```python\n", "- ```py\n", "```markdown\n", "~~~\n", "x```\n", "def f(): pass\n", "```python\ndef f(): pass\n```\n", "```\ndef test(): f\n```\n",
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
        await Task.Run(() => AnswerExtractor.Extract("The answer is E.", new MasQuestion(output) { Kind = kind }), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void PiecesInAnyOrderAreReadWithoutFail()
    {
        var random = new Random(1);
        for (int round = 0; round < 3000; round++)
        {
            string[] pieces = random.GetItems(s_units, random.Next(1, 6));
            string output = string.Concat(random.GetItems(pieces, random.Next(1, 60)));
            foreach (TaskKind kind in Enum.GetValues<TaskKind>())
                AnswerExtractor.Extract(output, new MasQuestion(output) { Kind = kind, FunctionName = "f" });
        }
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
