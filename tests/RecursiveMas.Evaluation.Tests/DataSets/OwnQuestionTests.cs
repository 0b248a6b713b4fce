using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.DataSets;

/// <summary>Files of a user's own questions.</summary>
public sealed class OwnQuestionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.json", """["one", {"query": "two"}]""")]
    [InlineData("a.json", """{"questions": ["one", {"prompt": "two"}]}""")]
    [InlineData("a.jsonl", "{\"question\": \"\", \"text\": \"one\"}\n\ntwo\n")]
    [InlineData("a.ndjson", "\"one\"\r\n{\"input\": \"two\"}")]
    [InlineData("a.txt", "one\n  two\n")]
    [InlineData("a.md", "\n\none\n \n\ntwo\n\n")]
    public async Task Every_form_gives_its_questions(string file, string content)
    {
        QuestionSet set = await ReadAsync(file, content);
        Assert.Equal(["one", "two"], set.Questions.Select(question => question.Text));
        Assert.Equal(["0", "1"], set.Questions.Select(question => question.Id));
        Assert.Equal((1, 64, content.Length), (set.Source.Files.Count, set.Source.Files[0].Sha256.Length, (int)set.Source.Files[0].Size));
    }

    [Fact]
    public async Task Blocks_keep_their_lines()
    {
        QuestionSet set = await ReadAsync("a.txt", "one\nmore\n\ntwo");
        Assert.Equal(["one\nmore", "two"], set.Questions.Select(question => question.Text));
    }

    [Fact]
    public async Task Items_say_what_they_want()
    {
        QuestionSet set = await ReadAsync("a.json", """
            [
              {"question": "f?", "task": "Code", "fn_name": "f", "tests": ["assert f(1) == 2", "assert f(2) == 3"]},
              {"question": "g?", "task": "code", "tests": [{"input": "1", "output": ""}]},
              {"question": "h?", "task": "reasoning", "answer": "because", "id": "why"},
              {"question": "i?", "task": "choice", "gold": "B", "id": "why"},
              {"question": "j?", "answer": 17},
              {"question": "k?"}
            ]
            """, TaskKind.Math);
        Assert.Equal(
            [TaskKind.Code, TaskKind.Code, TaskKind.Free, TaskKind.Choice, TaskKind.Math, TaskKind.Math],
            set.Questions.Select(question => question.Kind));
        Assert.Equal(new AssertionTests("assert f(1) == 2\nassert f(2) == 3", 2) { FunctionName = "f" }, set.Questions[0].Tests);
        Assert.True(set.Questions[1].WholeProgram);
        Assert.Equal([new InputOutputCase("1", "")], ((InputOutputTests)set.Questions[1].Tests!).Cases);
        Assert.Equal(
            [null, null, AnswerComparison.Text, AnswerComparison.Choice, AnswerComparison.Mathematics, null],
            set.Questions.Select(question => question.Comparison));
        Assert.Equal(["0", "1", "why", "why#3", "4", "5"], set.Questions.Select(question => question.Id));
        Assert.Equal("17", set.Questions[4].Gold);
    }

    [Theory]
    [InlineData("a.json", "[1]", "question 0")]
    [InlineData("a.json", "{\"a\": 1}", "question, query")]
    [InlineData("a.json", "[\"one\"", "not JSON")]
    [InlineData("a.json", "[{\"question\": \"q\", \"task\": \"poem\"}]", "poem")]
    [InlineData("a.json", "[{\"question\": \"q\", \"task\": \"code\", \"tests\": 5}]", "neither a script")]
    [InlineData("a.txt", " \n\n", "no question")]
    public async Task What_is_no_question_is_named(string file, string content, string named)
    {
        DataSetException error = await Assert.ThrowsAsync<DataSetException>(() => ReadAsync(file, content));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    private Task<QuestionSet> ReadAsync(string file, string content, TaskKind kind = TaskKind.Math)
    {
        _folder.Write(file, content);
        return QuestionSets.ReadOwnAsync(_folder.Path(file), kind, TestContext.Current.CancellationToken);
    }
}
