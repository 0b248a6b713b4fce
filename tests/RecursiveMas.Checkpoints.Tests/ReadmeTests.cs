using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.Checkpoints.Tests;

/// <summary>The sample of the package's README.</summary>
public class ReadmeTests
{
    [Fact]
    public void The_sample_lists_weights_and_a_link()
    {
        Readme.RequireSameCode("RecursiveMas.Checkpoints", "tests/RecursiveMas.Checkpoints.Tests/ReadmeTests.cs");
        using var output = new StringWriter { NewLine = "\n" };
        Show(Path.Combine(Goldens.RepositoryRoot, "RecursiveMas.TinySystems", "Systems", "sequential_tiny", "Sequential-Tiny-Planner-Qwen3"), output);
        string[] lines = output.ToString().Split('\n');
        Assert.Contains(lines, line => line.StartsWith("model.embed_tokens.weight: ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("proj1.weight: ", StringComparison.Ordinal) && line.EndsWith(" bytes", StringComparison.Ordinal));
    }

    private static void Show(string path, TextWriter Console)
    {
        // README
        CheckpointFolder folder = CheckpointFolder.FromDirectory(path);
        foreach (SafetensorsTensor tensor in SafetensorsHeader.Read(folder, "model.safetensors").Tensors.Values)
            Console.WriteLine($"{tensor.Name}: {tensor.TypeName} [{string.Join(", ", tensor.Shape)}]");
        using PtFile link = PtFile.Open(folder, "adapter.pt");
        foreach ((string name, PtTensor tensor) in link.GetStateDictionary())
        {
            using Stream bytes = link.OpenStorage(tensor.Storage);
            Console.WriteLine($"{name}: {tensor.Type} [{string.Join(", ", tensor.Shape)}], {bytes.Length} bytes");
        }
        // END
    }
}
