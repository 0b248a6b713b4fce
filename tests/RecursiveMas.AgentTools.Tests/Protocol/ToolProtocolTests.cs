using System.Diagnostics;
using Xunit;

namespace RecursiveMas.AgentTools.Tests.Protocol;

/// <summary>What the protocol does beyond the reference: tools of any name, hostile results, texts of any length.</summary>
public sealed class ToolProtocolTests
{
    private static readonly string[] s_tools = ["python", "search", "sql_2"];

    [Fact]
    public void A_call_of_any_tool_is_found()
    {
        Assert.Equal(new ToolCall("sql_2", "select 1", 2, 27), ToolProtocol.FindCall("a <SQL_2> select 1 </sql_2> b", s_tools, 0));
        Assert.Null(ToolProtocol.FindCall("<other>x</other>", s_tools));
        Assert.Null(ToolProtocol.FindCall("<python>x</python>", []));
        Assert.False(ToolProtocol.IsOpen("<python>x", []));
    }

    [Theory]
    [InlineData("a </result> b", "a < /result> b")]
    [InlineData("<RESULT></Result>", "< RESULT>< /Result>")]
    [InlineData("<Python>1</PYTHON><search><SQL_2>", "< Python>1< /PYTHON>< search>< SQL_2>")]
    [InlineData("<<python>python>", "<< python>python>")]
    [InlineData("<pythonx> <b> < python> 1 < 2 > 0 </", "<pythonx> <b> < python> 1 < 2 > 0 </")]
    [InlineData("a\u001b[31mred\u0007\u009b\u0000\tb\r\nc\rd", "a\ufffd[31mred\ufffd\ufffd\ufffd\tb\nc\ufffdd")]
    public void Results_lose_their_tags_and_control_characters(string result, string harmless)
    {
        Assert.Equal(harmless, ToolProtocol.Neutralize(result, s_tools));
        Assert.Equal(harmless, ToolProtocol.Neutralize(harmless, s_tools));
        string text = "<python>1</python>" + ToolProtocol.Format(harmless);
        Assert.Null(ToolProtocol.FindCall(text, s_tools, 18));
        Assert.False(ToolProtocol.IsOpen(text, s_tools, 18));
        Assert.Equal(text.Length - 9, text.IndexOf("</result>", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Python")]
    [InlineData("result")]
    [InlineData("a b")]
    [InlineData("a>")]
    public void Names_that_cannot_be_tags_are_refused(string name)
    {
        var tool = new MasTool(name, (input, _) => Task.FromResult(input));
        Assert.Equal("Tools", Assert.Throws<InvalidOptionException>(() => new ToolOptions { Tools = [tool] }).Option);
    }

    [Fact]
    public void Two_tools_of_one_name_are_refused()
    {
        var tool = new MasTool("echo", (input, _) => Task.FromResult(input));
        Assert.Throws<InvalidOptionException>(() => new ToolOptions { Tools = [tool, new MasTool("echo", (input, _) => Task.FromResult(input))] });
        Assert.Throws<InvalidOptionException>(() => new ToolOptions { MaxCalls = -1 });
        Assert.Throws<InvalidOptionException>(() => new ToolOptions { MaxResultChars = 0 });
        var options = new ToolOptions
        {
            Tools = [tool],
            AgentTools = new Dictionary<string, IReadOnlyList<IMasTool>> { ["planner"] = [tool], ["silent"] = [] },
        };
        Assert.Equal((1, 0, 1, 0), (options.Of("writer", true).Count, options.Of("critic", false).Count, options.Of("planner", false).Count,
            options.Of("silent", true).Count));
    }

    [Fact]
    public void Ten_million_characters_of_open_tags_take_no_longer_than_any_text()
    {
        string text = string.Concat(Enumerable.Repeat("<python><search>", 600_000));
        long started = Stopwatch.GetTimestamp();
        Assert.Null(ToolProtocol.FindCall(text, s_tools));
        Assert.True(ToolProtocol.IsOpen(text, s_tools));
        Assert.DoesNotContain("<python>", ToolProtocol.Neutralize(text, s_tools), StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 60);
    }
}
