using System.Text.Json;
using RecursiveMas.Testing;
using RecursiveMas.Tools;
using Xunit;

namespace RecursiveMas.Core.Tests.Tools;

/// <summary>The compatible mode takes the reference's steps: each generation's input, budget and charge, and the texts that come of them.</summary>
public sealed class ReferenceLoopTests
{
    private static readonly string[] s_tools = ["python", "search"];

    public static IEnumerable<TheoryDataRow<string>> Names() => Goldens.Rows(
        [.. Cases().Select(golden => golden.GetProperty("name").GetString()!)],
        "tools");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Loops_go_as_the_reference_goes(string name)
    {
        JsonElement golden = Cases().Single(one => one.GetProperty("name").GetString() == name);
        JsonElement[] trace = [.. golden.GetProperty("trace").EnumerateArray()];
        string[] outputs = Texts(golden.GetProperty("outputs"));
        int at = 0;
        var loop = new ReferenceLoop(
            s_tools,
            golden.GetProperty("max_tool_rounds").GetInt32(),
            (rows, texts, budget, _) =>
            {
                JsonElement step = trace[at++];
                Assert.Equal(Texts(step.GetProperty("inputs")), texts);
                Assert.Equal(step.GetProperty("budget").GetInt32(), budget);
                string[] wrote = Texts(step.GetProperty("outputs"));
                int[] charged = [.. step.GetProperty("charged").EnumerateArray().Select(value => value.GetInt32())];
                bool[] ended = [.. step.GetProperty("finished").EnumerateArray().Select(value => value.GetBoolean())];
                return Task.FromResult(new ReferenceGeneration(
                    [.. rows.Select((_, place) => new ReferenceRow(wrote[place], ended[place], charged[place]))],
                    step.GetProperty("triggered").GetArrayLength() > 0));
            },
            (row, call, number, _) => Task.FromResult(ToolProtocol.Format(ResultOf(outputs[row], call, number))));
        IReadOnlyList<ReferenceLoop.Row> rows = await loop.WriteAsync(
            outputs.Length,
            outputs.Length,
            golden.GetProperty("max_new_tokens").GetInt32(),
            TestContext.Current.CancellationToken);
        Assert.Equal(trace.Length, at);
        Assert.Equal(outputs, rows.Select(row => row.Output));
    }

    /// <summary>The result that stands behind the call of a number in a finished text.</summary>
    private static string ResultOf(string output, ToolCall call, int number)
    {
        ToolCall? found = null;
        for (int i = 0; i < number; i++)
            found = ToolProtocol.FindCall(output, s_tools, found?.End ?? 0);
        Assert.Equal((call.Tool, call.Input), (found!.Tool, found.Input));
        const string Open = " <result> ", Close = " </result>";
        Assert.Equal(found.End, output.IndexOf(Open, found.End, StringComparison.Ordinal));
        int from = found.End + Open.Length;
        return output[from..output.IndexOf(Close, from, StringComparison.Ordinal)];
    }

    private static IEnumerable<JsonElement> Cases()
    {
        string? folder = Goldens.TryFolder("tools");
        return folder is null ? [] : JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "loops.json"))).RootElement.EnumerateArray();
    }

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString()!)];
}
