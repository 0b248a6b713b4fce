using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Text.Tests;

/// <summary>The sample of the package's README.</summary>
public class ReadmeTests
{
    [Fact]
    public void The_sample_renders_encodes_and_decodes()
    {
        Readme.RequireSameCode("RecursiveMas.Text", "tests/RecursiveMas.Text.Tests/ReadmeTests.cs");
        using var output = new StringWriter { NewLine = "\n" };
        Show(Path.Combine(Goldens.RepositoryRoot, "RecursiveMas.TinySystems", "Systems", "sequential_tiny", "Sequential-Tiny-Planner-Qwen3"), output);
        string[] lines = output.ToString().Split('\n', 2);
        Assert.Matches("^[1-9][0-9]* tokens: [0-9]+( [0-9]+)+$", lines[0]);
        Assert.Contains("What is 17 * 23?", lines[1], StringComparison.Ordinal);
    }

    private static void Show(string path, TextWriter Console)
    {
        // README
        CheckpointFolder folder = CheckpointFolder.FromDirectory(path);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder);
        var chat = new ChatPromptRenderer(ChatTemplateSet.Load(folder), tokenizer.SpecialTokens);
        string prompt = chat.Render([new PromptMessage("system", "Be brief."), new PromptMessage("user", "What is 17 * 23?")]);
        int[] ids = tokenizer.Encode(prompt, addSpecialTokens: false);
        Console.WriteLine($"{ids.Length} tokens: {string.Join(' ', ids)}");
        IncrementalDecoder decoder = tokenizer.CreateDecoder(skipSpecialTokens: true);
        foreach (int id in ids)
            Console.Write(decoder.Append(id));
        Console.WriteLine(decoder.Finish());
        // END
    }
}
