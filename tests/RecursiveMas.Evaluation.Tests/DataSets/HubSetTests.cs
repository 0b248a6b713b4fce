using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parquet.Schema;
using Parquet.Serialization;
using RecursiveMas.HubServer;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.DataSets;

/// <summary>Invented data sets in the schemas and formats in which the real ones are published, served by a hub on this machine.</summary>
public sealed class HubSetTests : IAsyncLifetime, IDisposable
{
    private const string Packed = "eJxrYJlaygABPYXR1UqZeQWlJUpWCkomMXlKOgpK+aUlUAELiEBJanFJSWVBKkiouCQlM0+pVkcBSZ8puj5DA5waY6foAQAlaCXy";

    private readonly TemporaryFolder _folder = new();
    private HubServer.HubServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await HubServer.HubServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Math500_is_json_lines()
    {
        byte[] rows = Lines(Enumerable.Range(0, 12).Select(i => new
        {
            problem = $"Compute {i} + 1.",
            solution = "unused",
            answer = i == 3 ? "" : $"{i + 1}",
            subject = "Algebra",
            level = 1,
            unique_id = $"test/algebra/{i}.json",
        }));
        ServedRepository served = Serve("HuggingFaceH4/MATH-500", ("README.md", Text("---\nlicense: other\n---\n# No configurations")), ("test.jsonl", rows));
        QuestionSet set = await LoadAsync("MATH-500");
        Assert.Equal(("math500", 12, 12), (set.Name, set.Questions.Count, set.Available));
        Assert.Equal(("HuggingFaceH4/MATH-500", "test", served.Head), (set.Source.Location, set.Source.Split, set.Source.Revision));
        Assert.Equal([new QuestionFile("test.jsonl", rows.Length, Convert.ToHexStringLower(SHA256.HashData(rows)))], set.Source.Files);
        Assert.Equal(
            new EvaluationQuestion(5, "test/algebra/5.json", "Compute 5 + 1.") { Comparison = AnswerComparison.Mathematics, Gold = "6" },
            set.Questions[5]);
        Assert.Equal([new DataFault("test/algebra/3.json", "gold", "It is empty; no answer counts as right.")], set.Faults);

        QuestionSet some = await LoadAsync("math500", new() { Shuffle = true, Count = 10, Seed = 42 });
        // numpy.random.default_rng(42).permutation(12)
        Assert.Equal(new RecursiveMas.DataSets.Random.NumpyRandom(42).Permutation(12)[..10], some.Questions.Select(question => question.Index));
        Assert.Equal("Compute 4 + 1.", some.Questions.Single(question => question.Index == 4).Text);
    }

    [Fact]
    public async Task Gsm8k_is_parquet_in_a_folder_of_its_configuration()
    {
        byte[] rows = await ParquetAsync(
            Enumerable.Range(0, 5), new DataField<string>("question"), new DataField<string>("answer"), i => [$"How many? {i}", $"It is\n#### 1,00{i}"]);
        byte[] other = await ParquetAsync([0], new DataField<string>("question"), new DataField<string>("answer"), _ => ["wrong file", "#### 0"]);
        Serve("openai/gsm8k", ("README.md", Text("""
            ---
            configs:
            - config_name: main
              data_files:
              - split: train
                path: main/train-*
              - split: test
                path: main/test-*
            - config_name: socratic
              data_files:
              - split: test
                path: socratic/test-*
            ---
            """)), ("main/test-00000-of-00001.parquet", rows), ("main/train-00000-of-00001.parquet", other), ("socratic/test-00000-of-00001.parquet", other));
        QuestionSet set = await LoadAsync("openai/GSM8K", new() { Count = 3 });
        Assert.Equal(["How many? 0", "How many? 1", "How many? 2"], set.Questions.Select(question => question.Text));
        Assert.Equal((5, "main", AnswerComparison.WordProblem), (set.Available, set.Source.Configuration, set.Questions[0].Comparison));
        Assert.True(AnswerScorer.ScoreStrictly("\\boxed{1001}", set.Questions[1].Gold!, AnswerComparison.WordProblem).Correct);

        Assert.Equal("wrong file", (await LoadAsync("gsm8k", new() { Split = "train" })).Questions.Single().Text);
        Assert.Equal("wrong file", (await LoadAsync("gsm8k", new() { Configuration = "socratic" })).Questions.Single().Text);
        DataSetException split = await Assert.ThrowsAsync<DataSetException>(() => LoadAsync("gsm8k", new() { Split = "dev" }));
        Assert.Contains("train, test", split.Message, StringComparison.Ordinal);
        DataSetException configuration = await Assert.ThrowsAsync<DataSetException>(() => LoadAsync("gsm8k", new() { Configuration = "extra" }));
        Assert.Contains("main, socratic", configuration.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mbppplus_is_parquet_with_lists()
    {
        MbppRow[] rows =
        [
            new()
            {
                task_id = 2,
                code = "def add(a, b): pass",
                prompt = " Write a function to add. ",
                test_list = ["assert add(1, 2) == 3", "assert add(0, 0) == 0", "assert add(1, 1) == 2", "assert add(9, 9) == 18"],
                test = "def assertion(a, b):\n    assert a == b\nassertion(add(5, 6), 11)",
            },
            new() { task_id = 3, code = "def first(a): pass", prompt = "Write first.", test_list = [], test = "" },
        ];
        Serve("evalplus/mbppplus", ("data/test-00000-of-00001-d5781c9c51e02795.parquet", await ParquetAsync(rows)));
        QuestionSet set = await LoadAsync("mbpp+");
        EvaluationQuestion add = set.Questions[0];
        Assert.Equal(
            $"Write a function to add.\n\n{QuestionWording.Own.TestsLead}\nassert add(1, 2) == 3\nassert add(0, 0) == 0\nassert add(1, 1) == 2",
            add.Text);
        Assert.Equal(("2", "add", TaskKind.Code, TaskKind.Code, 4), (add.Id, add.FunctionName, add.Kind, add.LinkKind, add.Tests!.Count));
        Assert.Equal(("Write first.", "first", null), (set.Questions[1].Text, set.Questions[1].FunctionName, set.Questions[1].Tests));
        Assert.Equal([("3", "tests")], set.Faults.Select(fault => (fault.QuestionId, fault.Field)));
        var published = new QuestionWording("c", "Tests:", "s");
        QuestionSet worded = await LoadAsync("mbppplus", new() { Wording = published, ExampleTests = 1 });
        Assert.Equal("Write a function to add.\n\nTests:\nassert add(1, 2) == 3", worded.Questions[0].Text);
        QuestionSet shuffled = await LoadAsync("mbppplus", new() { Shuffle = true });
        Assert.Equal(new RecursiveMas.DataSets.Random.PythonRandom(42).Shuffle(2), shuffled.Questions.Select(question => question.Index));
    }

    [Fact]
    public async Task Gpqa_is_a_table_behind_a_gate()
    {
        const string Table = "Pre-Revision Question,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3,Record ID\r\n" +
            "x,\"What is\n2+2?\",\"4, \"\"four\"\"\",5,6,7,rec1\r\n" +
            "x, What is 2+2? , 4 ,5,6,7,rec2\r\n" +
            "x,Nothing?,,5,6,7,rec3\r\n";
        ServedRepository served = Serve("Idavidrein/gpqa", ("gpqa_diamond.csv", Text(Table)), ("gpqa_main.csv", Text("Question\nno\n")));
        served.Access = ServedAccess.Gated;
        HubAccessException refused = await Assert.ThrowsAsync<HubAccessException>(() => LoadAsync("gpqa", token: ""));
        Assert.Contains("token", refused.Message, StringComparison.OrdinalIgnoreCase);
        // Whose terms have been accepted.
        served.Access = ServedAccess.Private;

        QuestionSet set = await LoadAsync("gpqa_diamond");
        Assert.Equal(("gpqa", "train", "gpqa_diamond"), (set.Name, set.Source.Split, set.Source.Configuration));
        Assert.Equal($"What is 2+2?\nA. 5\nB. 7\nC. 4\nD. 6\n\n{QuestionWording.Own.ChoiceSentence}", set.Questions[1].Text);
        Assert.Equal(("rec2", "C", "C", TaskKind.Choice), (set.Questions[1].Id, set.Questions[1].Gold, set.Questions[1].ReferenceGold, set.Questions[1].Kind));
        Assert.StartsWith("What is\n2+2?\n", set.Questions[0].Text, StringComparison.Ordinal);
        Assert.Contains("4, \"four\"", set.Questions[0].Text, StringComparison.Ordinal);
        Assert.Equal(("rec3", "options", ""), (set.Faults.Single().QuestionId, set.Faults.Single().Field, set.Questions[2].Gold));
        QuestionSet seventh = await LoadAsync("gpqa", new() { Seed = 7 }), plain = await LoadAsync("gpqa", new() { ShuffleChoices = false });
        Assert.StartsWith("What is 2+2?\nA. 7\nB. 4\nC. 5\nD. 6\n", seventh.Questions[1].Text, StringComparison.Ordinal);
        Assert.StartsWith("What is 2+2?\nA. 4\nB. 5\nC. 6\nD. 7\n", plain.Questions[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_network_the_cache_serves()
    {
        byte[] rows = await ParquetAsync(
            Enumerable.Range(0, 4), new DataField<long>("answer"), new DataField<string>("problem"), i => [(long)i * 70, $"Find {i}."]);
        byte[] card = Text("---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*\n---\n");
        Serve("MathArena/aime_2026", ("README.md", card), ("data/train-00000-of-00001.parquet", rows));
        HubOfflineException absent = await Assert.ThrowsAsync<HubOfflineException>(() => LoadAsync("aime26", offline: true));
        Assert.Contains("aime_2026", absent.Message, StringComparison.Ordinal);
        QuestionSet online = await LoadAsync("aime26");
        _server.Requests.Clear();
        QuestionSet offline = await LoadAsync("AIME26", offline: true);
        Assert.Empty(_server.Requests);
        Assert.Equal(online.Questions, offline.Questions);
        Assert.Equal((online.Source.Revision, online.Source.Files[0]), (offline.Source.Revision, offline.Source.Files[0]));
        Assert.Equal((AnswerComparison.Mathematics, "140"), (offline.Questions[2].Comparison, offline.Questions[2].Gold));
    }

    [Fact]
    public async Task Livecodebench_is_six_files_with_packed_tests()
    {
        static object Row(int i, string cases, string? function) => new
        {
            question_title = "t",
            question_content = $" Statement {i}\n",
            question_id = $"abc{i}",
            starter_code = function is null ? "" : "class Solution:\n    def twice(self, n):",
            public_test_cases = cases,
            private_test_cases = Packed,
            metadata = function is null ? "{}" : $$"""{"func_name": "{{function}}"}""",
        };
        const string Public = """[{"input": "3\n", "output": "6\n", "testtype": "stdin"}]""";
        string[] names = ["test.jsonl", "test2.jsonl", "test3.jsonl", "test4.jsonl", "test5.jsonl", "test6.jsonl"];
        Serve(
            "livecodebench/code_generation_lite",
            [.. names.Select((name, i) => (name, Lines([Row(i, i == 4 ? "[{\"input\": 1}]" : Public, i == 1 ? "twice" : null)])))]);
        QuestionSet set = await LoadAsync("lcb", new() { HiddenTests = true });
        Assert.Equal(names, set.Source.Files.Select(file => file.Path));
        Assert.Equal(["abc0", "abc1", "abc2", "abc3", "abc4", "abc5"], set.Questions.Select(question => question.Id));
        EvaluationQuestion program = set.Questions[0], function = set.Questions[1];
        Assert.Equal(("Statement 0", true, TaskKind.Code, TaskKind.Math), (program.Text, program.WholeProgram, program.Kind, program.LinkKind));
        Assert.Equal("Statement 1\n\nStarter code:\nclass Solution:\n    def twice(self, n):", function.Text);
        Assert.Equal(("twice", false), (function.FunctionName, function.WholeProgram));
        Assert.Equal(("abc4", "tests"), (set.Faults.Single().QuestionId, set.Faults.Single().Field));
        var tests = (InputOutputTests)set.Questions[5].Tests!;
        Assert.Equal([new InputOutputCase("3\n", "6\n")], tests.Cases);
        Assert.Equal([new InputOutputCase("4\n", "8\n"), new InputOutputCase("5\n", "10\n")], tests.Hidden!());
        const string Good = "print(2 * int(input()))", Bad = "n = int(input())\nprint(2 * n if n < 5 else 0)";
        CodeScore score = await Judging.Judges.Quick.JudgeAsync(Bad, Good, tests, Stop);
        Assert.Equal((2, 2, 3, 3), (score.Reference.FailedTestIndex, score.Reference.PassedTests, score.Reference.TotalTests, score.Strict.PassedTests));
        Assert.Null(((InputOutputTests)(await LoadAsync("livecodebench")).Questions[0].Tests!).Hidden);
    }

    [Fact]
    public async Task Search_questions_and_other_sets_are_compared_as_texts()
    {
        Serve("chiayewken/bamboogle", ("data/test-00000-of-00001.parquet",
            await ParquetAsync([1], new DataField<string>("Question"), new DataField<string>("Answer"), _ => ["Who?", "The Beatles"])));
        HotpotRow[] rows = [new() { id = "5a", question = "Where?", answer = "Here", supporting_facts = new() { title = ["T"], sent_id = [0] } }];
        Serve(
            "hotpotqa/hotpot_qa",
            ("distractor/validation-00000-of-00001.parquet", await ParquetAsync(rows)),
            ("fullwiki/validation-00000-of-00001.parquet", [1, 2, 3]));
        Serve("someone/own-set", ("test.csv", Text("problem,answer\n1+1?,2\n")), ("other.txt", [0]));
        Assert.Equal(("Who?", "The Beatles", AnswerComparison.Text), Only(await LoadAsync("bamboogle")));
        Assert.Equal(("Where?", "Here", AnswerComparison.Text), Only(await LoadAsync("hotpotqa")));
        Assert.Equal(("1+1?", "2", AnswerComparison.Text), Only(await LoadAsync("someone/own-set")));
        Assert.Equal(AnswerComparison.Mathematics, Only(await LoadAsync("someone/own-set", new() { Comparison = AnswerComparison.Mathematics })).Comparison);
        static (string, string?, AnswerComparison? Comparison) Only(QuestionSet set) =>
            (set.Questions.Single().Text, set.Questions[0].Gold, set.Questions[0].Comparison);
    }

    [Fact]
    public async Task What_is_wrong_with_a_set_is_named()
    {
        Serve("someone/broken", ("test.parquet", Text("PAR1 is not enough")));
        Serve("someone/columns", ("test.jsonl", Text("{\"text\": \"q\", \"label\": 1}\n")));
        Serve("someone/empty", ("test.jsonl", Text("\n")));
        Serve("someone/line", ("test.jsonl", Text("{\"question\": \"q\", \"answer\": 1}\n{\"question\":\n")));
        Serve("someone/nothing", ("weights.bin", Text("x")));
        Serve("someone/table", ("test.csv", Text("question,answer\na,b,c\n")));
        (string Id, string Named)[] faults =
        [
            ("broken", "Parquet"), ("columns", "text, label"), ("empty", "no rows"), ("line", "line 2"), ("nothing", "no file of it"), ("table", "3 values"),
        ];
        foreach ((string id, string named) in faults)
        {
            DataSetException error = await Assert.ThrowsAsync<DataSetException>(() => LoadAsync($"someone/{id}"));
            Assert.Contains(named, error.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<HubNotFoundException>(() => LoadAsync("someone/absent"));
        await Assert.ThrowsAsync<InvalidOptionException>(() => LoadAsync("no such name"));
    }

    [Fact]
    public async Task Local_files_stand_in_for_the_hub()
    {
        _folder.Write("a.csv", "question,answer\nq1,#### 1\n");
        _folder.Write("b.jsonl", "{\"question\": \"q2\", \"answer\": \"#### 2\"}");
        QuestionSet set = await LoadAsync("gsm8k", new() { Files = [_folder.Path("a.csv"), _folder.Path("b.jsonl")] });
        Assert.Empty(_server.Requests);
        Assert.Equal(["q1", "q2"], set.Questions.Select(question => question.Text));
        Assert.Equal((_folder.Path("a.csv"), null, 2), (set.Source.Location, set.Source.Revision, set.Source.Files.Count));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ServedRepository Serve(string id, params (string Path, byte[] Content)[] files) =>
        _server.Add(
            id,
            files.ToDictionary(file => file.Path, file => ServedFile.Of(file.Content, large: file.Path.EndsWith(".parquet", StringComparison.Ordinal))),
            "datasets");

    private async Task<QuestionSet> LoadAsync(string name, QuestionSetOptions? options = null, string? token = null, bool offline = false)
    {
        using var hub = new HubClient(new HubClientOptions
        {
            Endpoint = _server.Endpoint,
            CacheFolder = _folder.Path("cache"),
            Token = token ?? _server.Token,
            Offline = offline,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        });
        return await QuestionSets.LoadAsync(name, (options ?? new QuestionSetOptions()) with { Hub = hub }, Stop);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Lines(IEnumerable<object> rows) => Text(string.Concat(rows.Select(row => JsonSerializer.Serialize(row) + "\n")));

    private static Task<byte[]> ParquetAsync(IEnumerable<int> rows, DataField first, DataField second, Func<int, object[]> values) => ParquetAsync(
        new ParquetSchema(first, second),
        [.. rows.Select(values).Select(row => new Dictionary<string, object?> { [first.Name] = row[0], [second.Name] = row[1] })]);

    private static async Task<byte[]> ParquetAsync(ParquetSchema schema, Dictionary<string, object?>[] rows)
    {
        using var stream = new MemoryStream();
        await ParquetSerializer.SerializeUntypedAsync([.. rows.Cast<IDictionary<string, object?>>()], schema, stream, cancellationToken: Stop);
        return stream.ToArray();
    }

    private static async Task<byte[]> ParquetAsync<T>(T[] rows)
    {
        using var stream = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, stream, cancellationToken: Stop);
        return stream.ToArray();
    }

#pragma warning disable IDE1006, SA1300, CA1812 // Names as they are published.
    private sealed class MbppRow
    {
        public int task_id { get; set; }

        public string? code { get; set; }

        public string? prompt { get; set; }

        public List<string>? test_list { get; set; }

        public string? test { get; set; }
    }

    private sealed class HotpotRow
    {
        public string? id { get; set; }

        public string? question { get; set; }

        public string? answer { get; set; }

        public HotpotFacts? supporting_facts { get; set; }
    }

    private sealed class HotpotFacts
    {
        public List<string>? title { get; set; }

        public List<int>? sent_id { get; set; }
    }
#pragma warning restore IDE1006, SA1300, CA1812
}
