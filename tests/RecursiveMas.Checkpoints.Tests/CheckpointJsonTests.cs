using System.Text;
using Xunit;

namespace RecursiveMas.Checkpoints.Tests;

/// <summary>Files that are no JSON, or whose texts are damaged: a sentence with the file, the place and the remedy.</summary>
public class CheckpointJsonTests
{
    [Theory]
    [InlineData("{\"hidden_act\": \"sil\xe5\"}", "is not valid UTF-8")]
    [InlineData("{\"sil\xe5\": 1}", "is not valid UTF-8")]
    [InlineData("{\"a\": \"\\ud800\"}", "half of a character")]
    [InlineData("", "is not valid JSON (line 1, byte 1)")]
    [InlineData("{\n\"a\": }", "is not valid JSON (line 2, byte 6)")]
    [InlineData("[1]", "must hold a JSON object")]
    public void Damage_is_said(string latin1, string sentence)
    {
        CheckpointException error = Assert.Throws<CheckpointException>(() => CheckpointJson.ParseObject(Encoding.Latin1.GetBytes(latin1), "config.json"));
        Assert.StartsWith("config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, error.Message, StringComparison.Ordinal);
    }
}
