namespace RecursiveMas;

/// <summary>A call of a tool in a text: <c>&lt;name&gt; input &lt;/name&gt;</c>.</summary>
/// <param name="Tool">Name of the tool in lower case.</param>
/// <param name="Input">What stands between the tags, without white space at its ends.</param>
/// <param name="Start">Where the opening tag begins, in UTF-16 code units.</param>
/// <param name="End">Where the text goes on behind the closing tag.</param>
public sealed record ToolCall(string Tool, string Input, int Start, int End);
