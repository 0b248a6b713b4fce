using System.Text;
using System.Text.RegularExpressions;
using RecursiveMas.Shared;

namespace RecursiveMas.Latex;

/// <summary>A formula as text: signs of one kind, without what is only for show.</summary>
internal static partial class MathText
{
    private static readonly Dictionary<char, string> s_signs = new()
    {
        ['−'] = "-", ['–'] = "-", ['×'] = "\\times ", ['·'] = "\\cdot ", ['⋅'] = "\\cdot ", ['÷'] = "/", ['°'] = "^\\circ ", ['²'] = "^2", ['³'] = "^3",
        ['π'] = "\\pi ", ['∞'] = "\\infty ", ['√'] = "\\sqrt ", ['≤'] = "\\le ", ['≥'] = "\\ge ", ['≠'] = "\\ne ",
        ['∪'] = "\\cup ", ['∩'] = "\\cap ", ['∈'] = "\\in ", ['±'] = "\\pm ", ['∅'] = "\\emptyset ", ['\u00a0'] = " ",
    };

    /// <summary>Signs of one kind, no delimiters around it, no full stop behind it.</summary>
    public static string Clean(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            if (s_signs.TryGetValue(letter, out string? sign))
                plain.Append(sign);
            else
                plain.Append(letter is >= '\uff01' and <= '\uff5e' ? (char)(letter - 0xfee0) : letter);
        }

        return Wrapping.Remove(plain.ToString());
    }

    /// <summary>The content of a command of text that is the whole formula; the formula itself if there is none.</summary>
    /// <param name="text">A clean formula.</param>
    /// <param name="wrapped">Whether it was one.</param>
    public static string Unwrap(string text, out bool wrapped)
    {
        wrapped = false;
        while (WholeText().Match(text) is { Success: true } command)
        {
            wrapped |= command.Groups["text"].Success;
            text = Clean(command.Groups["content"].Value);
        }

        return text;
    }

    /// <summary>Without white space that does not part two numbers, and without commands that change how something looks, not what it is.</summary>
    public static string Squeeze(string text) => Space().Replace(Show().Replace(text, " "), "").Replace("\\dfrac", "\\frac", StringComparison.Ordinal)
        .Replace("\\tfrac", "\\frac", StringComparison.Ordinal);

    [GeneratedRegex(
        @"^\\(?:(?<text>text(?:bf|it|rm|sf|normal)?|mbox|mathrm)|mathbf|boldsymbol|mathsf|mathit|bm|displaystyle)\s*\{(?<content>[^{}]*)\}$",
        RegexOptions.CultureInvariant)]
    private static partial Regex WholeText();

    [GeneratedRegex(@"\\(?:left|right|big|Big|bigg|Bigg|displaystyle|limits|quad|qquad)(?![A-Za-z])|\\[,;!: ]|~", RegexOptions.CultureInvariant)]
    private static partial Regex Show();

    [GeneratedRegex(@"(?<!\d)\s+|\s+(?!\s|\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Space();
}
