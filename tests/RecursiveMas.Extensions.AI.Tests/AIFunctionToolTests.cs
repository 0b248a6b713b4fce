using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RecursiveMas.Functions;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Extensions.AI.Tests;

/// <summary>Functions as tools: how arguments are read, what is refused, and what a run tells of a call.</summary>
public sealed class AIFunctionToolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private enum Unit
    {
        Celsius,
        Kelvin,
    }

    private sealed record Node(int Value, Node? Next = null);

    [Theory]
    [InlineData("""{"city":"Paris","days":3}""", "Paris 3 Celsius")]
    [InlineData("""{"city":"Paris","days":3,"unit":"Kelvin"}""", "Paris 3 Kelvin")]
    [InlineData(""" { "days": 3, "city": "a \"quoted\" name" } """, "a \"quoted\" name 3 Celsius")]
    public async Task Arguments_are_read_from_a_json_object(string input, string output) =>
        Assert.Equal(output, (await Forecast().RunAsync(input, ToolContext.None, Token)).Output);

    [Theory]
    [InlineData("", "'city' is missing.")]
    [InlineData("Paris", "it is no JSON (")]
    [InlineData("[1]", "it is no JSON object.")]
    [InlineData("""{"city":"Paris"}""", "'days' is missing.")]
    [InlineData("""{"city":4,"days":3}""", "'city' must be string, not number.")]
    [InlineData("""{"city":"Paris","days":3.5}""", "'days' must be integer, not number.")]
    [InlineData("""{"city":"Paris","days":3.0}""", "'days' must be integer, not number.")]
    [InlineData("""{"city":"Paris","days":"3"}""", "'days' must be integer, not string.")]
    public async Task Input_that_does_not_fit_is_refused_with_what_is_wanted(string input, string reason)
    {
        ToolInputException error = await Assert.ThrowsAsync<ToolInputException>(() => Forecast().RunAsync(input, ToolContext.None, Token));
        Assert.Equal("forecast", error.Tool);
        Assert.StartsWith(reason, error.Reason, StringComparison.Ordinal);
        Assert.Contains("It takes a JSON object of this schema: {", error.Reason, StringComparison.Ordinal);
        Assert.Contains("\"days\"", error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_value_of_the_only_parameter_will_do()
    {
        async Task<string> Run(Delegate function, string input) =>
            (await new AIFunctionTool(AIFunctionFactory.Create(function, "f")).RunAsync(input, ToolContext.None, Token)).Output;
        Assert.Equal("[Paris]", await Run((string city) => $"[{city}]", "Paris"));
        Assert.Equal("[Paris]", await Run((string city) => $"[{city}]", "\"Paris\""));
        Assert.Equal("[42]", await Run((string city) => $"[{city}]", "42"));
        Assert.Equal("[Rome]", await Run((string city) => $"[{city}]", """{"city":"Rome"}"""));
        Assert.Equal("[]", await Run((string city) => $"[{city}]", ""));
        Assert.Equal("[none]", await Run((string city = "none") => $"[{city}]", ""));
        Assert.Equal("43", await Run((int number) => number + 1, "42"));
        Assert.Equal("3", await Run((int[] numbers) => numbers.Length, "[1, 2, 3]"));
        Assert.Equal("3", await Run((Node node) => node.Value + (node.Next?.Value ?? 0), """{"value":1,"next":{"value":2,"next":null}}"""));
        Assert.Equal("1", await Run((Node node) => node.Value, """{"node":{"value":1}}"""));
        await Assert.ThrowsAsync<ToolInputException>(() => Run((int number) => number + 1, "many"));
        await Assert.ThrowsAsync<ToolInputException>(() => Run((int number) => number + 1, ""));
        await Assert.ThrowsAsync<ToolInputException>(() => Run((Node node) => node.Value, """{"value":"x"}"""));
        Assert.Equal("noon", await Run(() => "noon", ""));
        Assert.Equal("noon", await Run(() => "noon", "{}"));
    }

    [Theory]
    [InlineData("""{"enum":["a",1]}""", "\"b\"", "The input must be one of \"a\", 1.")]
    [InlineData("""{"const":1}""", "2", "The input must be 1.")]
    [InlineData("""{"minimum":1}""", "0", "The input must be at least 1.")]
    [InlineData("""{"maximum":1}""", "2", "The input must be at most 1.")]
    [InlineData("""{"exclusiveMinimum":1}""", "1", "The input must be more than 1.")]
    [InlineData("""{"exclusiveMaximum":1}""", "1", "The input must be less than 1.")]
    [InlineData("""{"minLength":2}""", "\"\ud83d\ude00\"", "The input must have at least 2 characters.")]
    [InlineData("""{"maxLength":1}""", "\"ab\"", "The input must have at most 1 characters.")]
    [InlineData("""{"minItems":1}""", "[]", "The input must have at least 1 items.")]
    [InlineData("""{"maxItems":1}""", "[1,2]", "The input must have at most 1 items.")]
    [InlineData("""{"type":["string","null"]}""", "1", "The input must be string or null, not number.")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "true", "The input must be string, not boolean.")]
    [InlineData("""{"allOf":[{"type":"string"},{"maxLength":1}]}""", "\"ab\"", "The input must have at most 1 characters.")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1,"b":2}""", "'b' is no argument.")]
    [InlineData("""{"additionalProperties":{"type":"integer"}}""", """{"b":"2"}""", "'b' must be integer, not string.")]
    [InlineData("""{"items":{"properties":{"a":{"items":{"type":"string"}}}}}""", """[{},{"a":["x",1]}]""", "'[1].a[1]' must be string, not number.")]
    [InlineData("""{"$defs":{"n":{"type":"integer"}},"properties":{"a":{"$ref":"#/$defs/n"}}}""", """{"a":"x"}""", "'a' must be integer, not string.")]
    [InlineData("false", "1", "The input is not allowed.")]
    [InlineData("""{"$ref":"#"}""", "1", "The input is too complicated to be checked.")]
    [InlineData("""{"anyOf":[{"allOf":[{"$ref":"#"}]},{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}]}""", "1", "The input is too complicated to be checked.")]
    public void Schemas_are_heeded(string schema, string value, string fault) =>
        Assert.Equal(fault, JsonSchemaCheck.Find(Json(schema), Json(value)));

    [Theory]
    [InlineData("""{"enum":["a",1]}""", "1")]
    [InlineData("""{"minimum":1,"maximum":1}""", "1")]
    [InlineData("""{"minLength":1,"maxLength":1}""", "\"\ud83d\ude00\"")]
    [InlineData("""{"type":["string","null"]}""", "null")]
    [InlineData("""{"type":"integer"}""", "-3")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"null"}]}""", "null")]
    [InlineData("""{"items":{"type":"string"},"required":["a"],"minimum":7}""", "[\"x\"]")]
    [InlineData("""{"$ref":"#/nowhere","format":"date","pattern":"^x$","unknown":1}""", "\"y\"")]
    [InlineData("true", "1")]
    public void What_fits_is_let_through(string schema, string value) => Assert.Null(JsonSchemaCheck.Find(Json(schema), Json(value)));

    [Fact]
    public void Names_become_tags_and_schemas_are_described()
    {
        AIFunctionTool tool = Forecast();
        Assert.Equal("forecast", tool.Name);
        Assert.StartsWith("The weather. Input: a JSON object of this schema: {", tool.Description, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', tool.Description);
        Assert.Equal("get_all_now", new AIFunctionTool(AIFunctionFactory.Create(() => 1, "Get-All.now")).Name);
        Assert.Equal("mine", new AIFunctionTool(AIFunctionFactory.Create(() => 1, "other"), "mine").Name);
        Assert.Equal("one Input: none", new AIFunctionTool(AIFunctionFactory.Create(() => 1, "one")).Description);
        Assert.Throws<InvalidOptionException>(() => new AIFunctionTool(new ApprovalRequiredAIFunction(AIFunctionFactory.Create(() => 1, "one"))));
        Assert.Throws<InvalidOptionException>(() => new ToolOptions { Tools = [new AIFunctionTool(AIFunctionFactory.Create(() => 1, "naïve"))] });
    }

    [Fact]
    public async Task A_run_tells_of_calls_and_the_agent_reads_results_and_faults()
    {
        string[] lines =
        [
            "<forecast>{\"city\":\"Paris\"}</forecast>", "<forecast>{\"city\":\"<result>\",\"days\":1}</forecast>", "<fail></fail>", " Sunny.",
        ];
        var asked = new List<TextRequest>();
        IMasTool[] functions = [Forecast(), new AIFunctionTool(AIFunctionFactory.Create(string () => throw new InvalidOperationException("no rain"), "fail"))];
        await using MasSystem system = await SmallTalk.LoadAsync(
            SmallTalk.Speaker(request => lines[request.Written.Split("</result>").Length - 1], asked),
            configure: options => options.Tools = new ToolOptions { Tools = functions });
        var updates = new List<MasUpdate>();
        await foreach (MasUpdate update in system.AskStreamingAsync(new MasQuestion("Weather?") { Kind = TaskKind.Free }, null, Token))
            updates.Add(update);
        MasAnswer answer = updates.OfType<AnswerReady>().Single().Answer;
        IReadOnlyList<ToolCallCompleted> calls = answer.Tools!.Calls;
        Assert.Equal(calls, updates.OfType<ToolCallCompleted>());
        Assert.Equal(["forecast", "forecast", "fail"], updates.OfType<ToolCallStarted>().Select(call => call.Tool));
        Assert.StartsWith("'days' is missing. It takes", calls[0].Error, StringComparison.Ordinal);
        Assert.StartsWith("[forecast error] 'days' is missing.", calls[0].Output, StringComparison.Ordinal);
        Assert.Equal((null, "< result> 1 Celsius"), (calls[1].Error, calls[1].Output));
        Assert.Equal("InvalidOperationException: no rain", calls[2].Error);
        Assert.EndsWith("</result> Sunny.", answer.Text, StringComparison.Ordinal);

        // Whoever has tools that describe themselves reads of them.
        Assert.All(
            asked, request => Assert.Contains("\n<forecast> ... </forecast>: The weather. Input:", request.Prompt.Instructions, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Any_agent_of_a_latent_system_may_have_them()
    {
        await using MasSystem system = await MasSystem.LoadAsync("sequential_tiny", cancellationToken: Token);
        MasUsage without = (await system.AskAsync(TinyFixture.Question, Token)).Usage;
        MasAnswer answer = await system.AskAsync(
            new MasQuestion(TinyFixture.Question), new AskOptions { Tools = new ToolOptions { Tools = [Forecast()] } }, Token);
        Assert.Empty(answer.Tools!.Calls);
        // The writer reads of its tools in every round, the others never.
        Assert.Equal(without.ByAgent["planner"], answer.Usage.ByAgent["planner"]);
        Assert.InRange(answer.Usage.ByAgent["solver"].PromptTokens, without.ByAgent["solver"].PromptTokens + (3 * 20), int.MaxValue);
    }

    [Fact]
    public async Task A_function_learns_who_calls_and_is_cancelled_with_the_question()
    {
        ToolContext? seen = null;
        var began = new TaskCompletionSource();
        var function = AIFunctionFactory.Create(
            async (AIFunctionArguments arguments, CancellationToken token) =>
            {
                seen = (ToolContext?)arguments.Context![typeof(ToolContext)];
                began.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
            "wait");
        var speaker = new ScriptedAgent("speaker", _ => ["<wait>", "</wait>"]);
        await using MasSystem system = await SmallTalk.LoadAsync(
            speaker, configure: options => options.Tools = new ToolOptions { Tools = [new AIFunctionTool(function)] });
        using var cancellation = new CancellationTokenSource();
        Task<MasAnswer> asking = system.AskAsync("Wait.", cancellation.Token);
        await began.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(new ToolContext("speaker", 1, 1), seen);
        Assert.Equal(0, speaker.OpenSessions);
    }

    private static AIFunctionTool Forecast() => new(AIFunctionFactory.Create(
        [Description("The weather.")] (string city, int days, Unit unit = Unit.Celsius) => $"{city} {days} {unit}", "Forecast"));

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);
}
