using RecursiveMas.DeliberationSample;
using Xunit;

namespace RecursiveMas.Styles.Tests;

/// <summary>The sample of Deliberation shows each call and its result between the texts before and behind it.</summary>
[Collection(LiveTensors.Collection)]
public sealed class ToolSampleTests
{
    [Fact]
    public async Task Calls_and_results_are_seen_in_their_places()
    {
        var tools = new ToolOptions
        {
            Tools = [new PythonTool(), new SearchTool(new FolderSearch(Path.Combine(AppContext.BaseDirectory, "encyclopedia")))],
        };
        await using MasSystem mas = await Rehearsal.LoadAsync(tools);
        await using var output = new StringWriter();
        await ToolScreen.ShowAsync(mas, new MasQuestion(Rehearsal.Question), output, TestContext.Current.CancellationToken);
        string text = output.ToString();
        string[] inOrder =
        [
            "[reflector, round 1 of 1]", "I need two numbers.", "search runs ...", "384,400 kilometres", "That is 384,400 km.", "search runs ...",
            "299,792.458", "Now I divide.", "python runs ...", "exit status 0", "\n  1.28\n", "Light takes", "answer: 1.28 after 3 calls",
        ];
        int at = 0;
        foreach (string part in inOrder)
        {
            int found = text.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{part}' is missing behind:\n{text[..at]}\nin:\n{text}");
            at = found + part.Length;
        }
    }
}
