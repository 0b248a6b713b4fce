using System.Globalization;
using System.Text;
using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>How agents call tools in their text and how results come back: tags of the tools' names in any case, results between result tags.</summary>
/// <remarks>Takes time in proportion to the length of the text, whatever stands in it.</remarks>
public static class ToolProtocol
{
    private const string Result = "result", Open = "<result>", Close = "</result>";

    /// <summary>The first complete call: the leftmost opening tag that has its closing tag behind it, up to the nearest such closing tag.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tools">Names of the tools.</param>
    /// <param name="start">Where to begin, in UTF-16 code units.</param>
    /// <returns>The call; null if there is none.</returns>
    public static ToolCall? FindCall(string text, IReadOnlyList<string> tools, int start = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        Given.AllNotNull(tools, nameof(tools));
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        (string Tool, int At)? first = null;
        if (start > text.Length)
            return null;
        foreach (string tool in tools)
        {
            int open = IndexOf(text, $"<{tool}>", start), lastClose = text.LastIndexOf($"</{tool}>", StringComparison.OrdinalIgnoreCase);
            if (open >= 0 && open < lastClose && (first is null || open < first.Value.At))
                first = (tool, open);
        }

        if (first is not { } call)
            return null;
        int from = call.At + call.Tool.Length + 2, to = IndexOf(text, $"</{call.Tool}>", from);
        return new ToolCall(call.Tool, TextTrim.Both(text[from..to]), call.At, to + call.Tool.Length + 3);
    }

    /// <summary>Whether a call stands open: an opening tag at or behind a place has no closing tag of its name anywhere behind it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tools">Names of the tools.</param>
    /// <param name="start">Where to begin, in UTF-16 code units.</param>
    public static bool IsOpen(string text, IReadOnlyList<string> tools, int start = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        Given.AllNotNull(tools, nameof(tools));
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        return tools.Any(tool => text.LastIndexOf($"<{tool}>", StringComparison.OrdinalIgnoreCase) is var open && open >= start
            && IndexOf(text, $"</{tool}>", open) < 0);
    }

    /// <summary>What is put behind a call.</summary>
    /// <param name="result">The result, neutralised and cut.</param>
    public static string Format(string result) => $" {Open} {Given.NotNull(result)} {Close}";

    /// <summary>
    /// Makes a result harmless: every tag of the protocol in it is broken up by a space behind its bracket, control characters are replaced but for tabs
    /// and line breaks.
    /// </summary>
    /// <param name="result">The result of a tool.</param>
    /// <param name="tools">Names of the tools.</param>
    public static string Neutralize(string result, IReadOnlyList<string> tools)
    {
        ArgumentNullException.ThrowIfNull(result);
        Given.AllNotNull(tools, nameof(tools));
        string[] names = [.. tools, Result];
        var text = new StringBuilder(result.Length);
        for (int i = 0; i < result.Length; i++)
        {
            char letter = result[i];
            if (letter == '\r' && i + 1 < result.Length && result[i + 1] == '\n')
                continue;
            text.Append(char.IsControl(letter) && letter is not ('\t' or '\n') ? '\ufffd' : letter);
            if (letter == '<' && IsTag(result.AsSpan(i + 1), names))
                text.Append(' ');
        }

        return text.ToString();
    }

    /// <summary>As the reference implementation neutralises: nothing but the exact closing tag of results is broken up.</summary>
    /// <param name="result">The result of a tool.</param>
    public static string NeutralizeAsReference(string result) =>
        Given.NotNull(result).Replace(Close, "< /result>", StringComparison.Ordinal);

    /// <summary>Cuts a text that is too long and says how much is gone.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxChars">Most characters, counted in Unicode code points.</param>
    public static string Cut(string text, int maxChars)
    {
        ArgumentNullException.ThrowIfNull(text);
        int kept = 0, at = 0;
        for (; kept < maxChars && at < text.Length; kept++)
            at += CodePoint(text, at);
        if (at >= text.Length)
            return text;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, at)}\n... [truncated {CodePoints(text) - kept} chars]");
    }

    /// <summary>What an agent is told on a call beyond the limit.</summary>
    /// <param name="maxCalls">The limit.</param>
    public static string LimitNotice(int maxCalls) => string.Create(CultureInfo.InvariantCulture, $"[tool limit reached after {maxCalls} calls]");

    /// <exception cref="InvalidOptionException">The name cannot be a tag.</exception>
    internal static void RequireName(string name, string option)
    {
        if (string.IsNullOrEmpty(name) || name == Result || !name.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_'))
        {
            throw new InvalidOptionException(
                option,
                $"'{name}' cannot be the name of a tool. Use lower-case letters, digits and underscores, but not \"{Result}\".");
        }
    }

    private static int IndexOf(string text, string tag, int start) => text.IndexOf(tag, start, StringComparison.OrdinalIgnoreCase);

    private static bool IsTag(ReadOnlySpan<char> behindBracket, string[] names)
    {
        ReadOnlySpan<char> rest = behindBracket.StartsWith('/') ? behindBracket[1..] : behindBracket;
        foreach (string name in names)
        {
            if (rest.Length > name.Length && rest[name.Length] == '>' && rest.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static int CodePoint(string text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;

    private static int CodePoints(string text)
    {
        int count = 0;
        for (int at = 0; at < text.Length; at += CodePoint(text, at))
            count++;
        return count;
    }
}
