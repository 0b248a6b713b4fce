using System.Text.Json;
using RecursiveMas.Testing;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Protocol;

/// <summary>Finding calls and cutting results, row by row as the reference implementation does. Its offsets count Unicode code points.</summary>
public sealed class ProtocolGoldenTests
{
    private static readonly string[] s_tools = ["python", "search"];

    [Fact]
    public void Calls_are_found_where_the_reference_finds_them()
    {
        string[] rows = Goldens.NotEmpty(File.ReadLines(Goldens.Folder("tools", "parse.jsonl")).Where(line => line.Length > 0), "tools");
        foreach (string row in rows)
        {
            using var document = JsonDocument.Parse(row);
            JsonElement golden = document.RootElement;
            string text = golden.GetProperty("text").GetString()!;
            int start = Units(text, golden.GetProperty("cursor").GetInt32());
            ToolCall? call = ToolProtocol.FindCall(text, s_tools, start);
            JsonElement expected = golden.GetProperty("call");
            if (expected.ValueKind == JsonValueKind.Null)
            {
                Assert.True(call is null, row);
            }
            else
            {
                Assert.True(call is not null, row);
                Assert.Equal(
                    (expected.GetProperty("name").GetString(), expected.GetProperty("content").GetString(),
                        Units(text, expected.GetProperty("start").GetInt32()), Units(text, expected.GetProperty("end").GetInt32())),
                    (call.Tool, call.Input, call.Start, call.End));
            }

            Assert.True(golden.GetProperty("unclosed").GetBoolean() == ToolProtocol.IsOpen(text, s_tools, start), row);
        }
    }

    [Fact]
    public void Results_are_cut_as_the_reference_cuts_them()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Goldens.Folder("tools", "cut.json")));
        foreach (JsonElement row in Goldens.NotEmpty(document.RootElement.EnumerateArray(), "tools"))
        {
            string text = row.GetProperty("text").GetString()!;
            Assert.Equal(
                row.GetProperty("result").GetString(),
                ToolProtocol.Cut(ToolProtocol.NeutralizeAsReference(text), row.GetProperty("max").GetInt32()));
        }
    }

    private static int Units(string text, int codePoints)
    {
        int at = 0;
        for (; codePoints > 0 && at < text.Length; codePoints--)
            at += char.IsSurrogatePair(text, at) ? 2 : 1;
        return at;
    }
}
