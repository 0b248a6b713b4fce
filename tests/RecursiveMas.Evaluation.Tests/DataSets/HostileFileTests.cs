using System.Text;
using RecursiveMas.DataSets;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.DataSets;

/// <summary>Files that are broken by accident or on purpose: an error that names them, or what a careful reader makes of them.</summary>
public sealed class HostileFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("math500", "a.jsonl", "{\"problem\": \"a\\ud800\", \"answer\": \"5\"}", "line 1: a text in it is no Unicode")]
    [InlineData("math500", "a.jsonl", "{\"problem\": \"a\", \"answer\": \"5\", \"\\udc00\": 1}", "no Unicode")]
    [InlineData("math500", "a.jsonl", "{\"problem\": \"a\u00ff\", \"answer\": \"5\"}", "no Unicode")]
    [InlineData("math500", "a.json", "[{\"problem\": \"a\\ud800\", \"answer\": \"5\"}]", "row 0: a text in it is no Unicode")]
    [InlineData("math500", "a.csv", "problem,answer\n\u00e9,5\n", "cannot be read")]
    [InlineData("math500", "a.csv", "problem,answer,answer\na,b,c\n", "2 columns 'answer'")]
    [InlineData("math500", "a.csv", "problem,answer\na,b\nc\"d,5\n", "line 3: a quote")]
    [InlineData("math500", "a.parquet", "PAR1", "no Parquet file")]
    [InlineData("math500", "a.parquet", "PAR1 and no PAR1 footer of it PAR1", "no Parquet file")]
    [InlineData("math500", "a.parquet", "PAR1..........\u00f0\u00ff\u00ff\u007fPAR1", "no Parquet file")]
    [InlineData("math500", "a.parquet", "PAR1..........\u000a\u0000\u0000\u0000PAR1", "no Parquet file")]
    [InlineData("gpqa", "a.csv", "Text,Label\na,b\n", "column Question")]
    [InlineData("medqa", "a.json", "[{\"text\": \"a\", \"answer\": \"b\"}]", "column query")]
    [InlineData("mbppplus", "a.jsonl", "{\"text\": \"a\"}", "column prompt")]
    [InlineData("livecodebench", "a.jsonl", "{\"text\": \"a\"}", "column question_content")]
    [InlineData("own", "a.json", "[\"a\\ud800\"]", "question 0: a text in it is no Unicode")]
    [InlineData("own", "a.jsonl", "\"a\"\n\"a\\ud800\"", "question 1: a text in it is no Unicode")]
    [InlineData("own", "a.json", "[{\"question\": \"a\", \"\\ud800\": 1}]", "no Unicode")]
    [InlineData("own", "a.json", "[\"\u00ff\"]", "not UTF-8")]
    [InlineData("own", "a.txt", "one\n\u00ff", "not UTF-8")]
    [InlineData("own", "a.json", "[{\"question\": \"a\", \"answer\": true}]", "'answer' is True")]
    [InlineData("own", "a.json", "[{\"question\": \"a\", \"gold\": [\"b\"]}]", "'gold' is Array")]
    public async Task What_cannot_be_read_is_named(string set, string file, string content, string named)
    {
        DataSetException error = await Assert.ThrowsAsync<DataSetException>(() => LoadAsync(set, file, Encoding.Latin1.GetBytes(content)));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("own", "a.json", "[{\"id\": \"a\", \"text\": \"1\"}, {\"id\": \"a#2\", \"text\": \"2\"}, {\"id\": \"a\", \"text\": \"3\"}]", "a, a#2, a#2#2")]
    [InlineData("own", "a.jsonl", "{\"id\": \"1\", \"question\": \"1\"}\ntwo", "1, 1#1")]
    [InlineData("math500", "a.csv", "unique_id,problem,answer\na,1,1\na#2,2,2\na,3,3\n", "a, a#2, a#2#2")]
    public async Task No_two_questions_have_one_id(string set, string file, string content, string ids) =>
        Assert.Equal(ids, string.Join(", ", (await LoadAsync(set, file, Encoding.UTF8.GetBytes(content))).Questions.Select(question => question.Id)));

    [Fact]
    public async Task Own_files_may_be_UTF_16_and_long()
    {
        string text = string.Join('\n', Enumerable.Range(0, 60_000).Select(i => $"{i} × 2?"));
        QuestionSet set = await LoadAsync("own", "a.txt", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)]);
        Assert.Equal((60_000, "59999 × 2?", "59999"), (set.Questions.Count, set.Questions[^1].Text, set.Questions[^1].Id));
    }

    [Fact]
    public async Task Own_questions_that_nothing_answers_are_faults()
    {
        QuestionSet set = await LoadAsync("own", "a.json", """
            [{"question": "a", "task": "choice", "answer": "(b)"}, {"question": "b", "task": "choice", "answer": "aspirin"},
             {"question": "c", "task": "code"}, {"question": "d", "task": "code", "tests": []}, {"question": "e", "task": "code", "tests": "assert f(1)"},
             {"question": "f", "task": "choice"}, {"question": "g", "task": "choice", "gold": "E."}]
            """u8.ToArray());
        Assert.Equal("1 gold, 2 tests, 3 tests", string.Join(", ", set.Faults.Select(fault => $"{fault.QuestionId} {fault.Field}")));
        Assert.Equal(("B", "E"), (set.Questions[0].Gold, set.Questions[6].Gold));
    }

    /// <summary>Cards come from anybody, and YAML can hold itself.</summary>
    [Theory]
    [InlineData("configs:\n- config_name: x\n  data_files: &a [*a, {split: test, path: b.csv}]", "b.csv")]
    [InlineData("a: &a [{split: test, path: b.csv}]\nb: &b [*a, *a]\nconfigs:\n- config_name: x\n  data_files: *b", "a/test.csv")]
    [InlineData("configs:\n- config_name: x\n  data_files: [[[[{split: test, path: b.csv}]]]]", "a/test.csv")]
    public void Cards_are_read_one_level_deep(string head, string file) =>
        Assert.Equal([file], SplitFiles.Of(["a/test.csv", "b.csv"], $"---\n{head}\n---\n", null, "test", "someone/set"));

    [Fact]
    public void Cards_name_no_more_files_than_anybody_has()
    {
        string paths = string.Join(", ", Enumerable.Repeat("b.csv", 2001));
        string card = $"---\nconfigs:\n- config_name: x\n  data_files:\n  - split: test\n    path: [{paths}]\n---\n";
        DataSetException error = Assert.Throws<DataSetException>(() => SplitFiles.Of(["b.csv"], card, null, "test", "someone/set"));
        Assert.Contains("2001", error.Message, StringComparison.Ordinal);
    }

    private async Task<QuestionSet> LoadAsync(string set, string file, byte[] content)
    {
        await File.WriteAllBytesAsync(_folder.Path(file), content, TestContext.Current.CancellationToken);
        return set == "own"
            ? await QuestionSets.ReadOwnAsync(_folder.Path(file), cancellationToken: TestContext.Current.CancellationToken)
            : await QuestionSets.LoadAsync(set, new QuestionSetOptions { Files = [_folder.Path(file)] }, TestContext.Current.CancellationToken);
    }
}
